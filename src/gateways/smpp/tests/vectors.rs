//! Golden bytes, by the book.

use super::*;

/// Bytes in hexadecimal.
fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn written(manners: Manners, message: &Addressed<'_>) -> Vec<Vec<u8>> {
    let mut talk = Talk::with(Manners { window: 9, ..manners.clone() });
    talk.says(0, 1, BindTransceiverResp::default());
    talk.written();
    talk.session.takes(Ticket(1), compose(message, &manners).unwrap(), talk.now);
    let mut chunks: Vec<_> = talk.session.chunk().into_iter().collect();
    talk.took(2, "a");
    chunks.extend(std::iter::from_fn(|| talk.session.chunk()));
    chunks.into_iter().map(|chunk| chunk.bytes).collect()
}

fn text(text: &str) -> Addressed<'_> {
    let message = message(0xA7);
    Addressed { message, from: Some("SalonUno"), to: "+393331234567", text, seconds_left: None }
}

#[test]
fn a_bind() {
    let mut talk = Talk::with(Manners { system_type: "vip".to_owned(), ..manners() });
    let chunk = talk.session.chunk().unwrap();
    let wanted = [
        "00000027",         // length: 39
        "00000009",         // bind_transceiver
        "00000000",         // no status
        "00000001",         // number
        "62656c6c686f7000", // bellhop
        "73336372657400",   // s3cret
        "76697000",         // vip
        "34",               // 3.4
        "000000",           // no addresses
    ];
    assert_eq!(hex(&chunk.bytes), wanted.concat());
    assert_eq!(chunk.sequence, None);
}

#[test]
fn a_short_text() {
    let message = Addressed { seconds_left: Some(90), ..text("è €") };
    let [pdu] = &written(manners(), &message)[..] else { panic!("one") };
    let wanted = [
        "00000049",                           // length: 73
        "00000004",                           // submit_sm
        "00000000",                           // no status
        "00000002",                           // number
        "00",                                 // service_type
        "050053616c6f6e556e6f00",             // a name: SalonUno
        "010133393333333132333435363700",     // an international number
        "000000",                             // esm_class, protocol_id, priority
        "00",                                 // at once
        "3030303030303030303133303030305200", // in 1 min 30 s from now
        "0100",                               // a receipt, and nothing is replaced
        "0000",                               // data_coding
        "0404201b65",                         // four octets
    ];
    assert_eq!(hex(pdu), wanted.concat());
}

#[test]
fn a_text_beyond_gsm() {
    let [pdu] = &written(manners(), &text("ça"))[..] else { panic!() };
    assert!(hex(pdu).ends_with(concat!("0100", "08", "00", "04", "00e70061")), "{}", hex(pdu));
}

#[test]
fn a_long_text_in_parts_with_headers() {
    let long = "a".repeat(154);
    let [one] = &written(manners(), &text(&long))[..] else { panic!("it fits one") };
    assert_eq!(submit(one).short_message().len(), 154);
    let long = "a".repeat(161);
    let [one, two] = &written(manners(), &text(&long))[..] else { panic!("two") };
    let parts = [submit(one), submit(two)];
    for (part, header, letters) in
        [(&parts[0], "050003a70201", 153), (&parts[1], "050003a70202", 8)]
    {
        let text = part.short_message().clone().into_vec();
        assert_eq!((hex(&text[..6]).as_str(), text.len()), (header, 6 + letters));
        assert_eq!(u8::from(part.esm_class), 0x40);
    }
}

#[test]
fn a_long_text_with_its_parts_named_beside_it() {
    let manners = Manners { long_text: LongText::Sar, ..manners() };
    let long = "ç".repeat(71);
    let [one, two] = &written(manners.clone(), &text(&long))[..] else { panic!("two") };
    // sar_msg_ref_num, sar_total_segments, sar_segment_seqnum.
    assert!(hex(one).ends_with("020c000200a7020e000102020f000101"), "{}", hex(one));
    assert!(hex(two).ends_with("020c000200a7020e000102020f000102"), "{}", hex(two));
    assert_eq!(u8::from(submit(one).esm_class), 0);
    assert_eq!(submit(two).short_message().len(), 8);
    let [short] = &written(manners, &text("a"))[..] else { panic!("one") };
    assert!(hex(short).ends_with("0161"), "{}", hex(short));
}

#[test]
fn a_long_text_as_a_payload() {
    let manners = Manners { long_text: LongText::Payload, ..manners() };
    let [whole] = &written(manners.clone(), &text(&"€".repeat(81)))[..] else { panic!("one") };
    let wanted = format!("00{}{}", "042400a2", "1b65".repeat(81));
    assert!(hex(whole).ends_with(&wanted), "{}", hex(whole));
    assert_eq!(submit(whole).short_message().len(), 0);
    let [short] = &written(manners, &text("a"))[..] else { panic!("one") };
    assert!(hex(short).ends_with("0161"), "{}", hex(short));
}

#[test]
fn addresses_as_the_operator_says() {
    let own = Some(Numbering { ton: 0, npi: 1 });
    let manners = Manners { source: own, destination: own, ..manners() };
    let [pdu] = &written(manners, &text("a"))[..] else { panic!("one") };
    let submit = submit(pdu);
    assert_eq!([u8::from(submit.source_addr_ton), u8::from(submit.source_addr_npi)], [0, 1]);
    assert_eq!([u8::from(submit.dest_addr_ton), u8::from(submit.dest_addr_npi)], [0, 1]);
    let unfit = Addressed { from: Some("Caffè"), ..text("a") };
    assert!(compose(&unfit, &super::manners()).is_err());
}
