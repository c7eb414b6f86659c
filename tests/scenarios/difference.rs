//! Where two texts differ, line by line.

/// Lines that are shown around a difference.
const CONTEXT_LINES: usize = 2;

/// The lines that only the first text has (`-`) and that only the second has (`+`), with a few
/// around them.
pub fn difference(first: &str, second: &str) -> String {
    let (first, second): (Vec<_>, Vec<_>) = (first.lines().collect(), second.lines().collect());
    let common = longest_common(&first, &second);
    let mut marked = Vec::new();
    let (mut i, mut j) = (0, 0);
    while i < first.len() || j < second.len() {
        if i < first.len() && j < second.len() && first[i] == second[j] {
            marked.push((' ', first[i]));
            (i, j) = (i + 1, j + 1);
        } else if j == second.len() || (i < first.len() && common[i + 1][j] >= common[i][j + 1]) {
            marked.push(('-', first[i]));
            i += 1;
        } else {
            marked.push(('+', second[j]));
            j += 1;
        }
    }
    near_changes(&marked)
}

/// For each pair of places how many lines from there on are common.
fn longest_common(first: &[&str], second: &[&str]) -> Vec<Vec<usize>> {
    let mut common = vec![vec![0; second.len() + 1]; first.len() + 1];
    for i in (0..first.len()).rev() {
        for j in (0..second.len()).rev() {
            common[i][j] = if first[i] == second[j] {
                common[i + 1][j + 1] + 1
            } else {
                common[i + 1][j].max(common[i][j + 1])
            };
        }
    }
    common
}

fn near_changes(marked: &[(char, &str)]) -> String {
    let is_near = |at: usize| {
        let from = at.saturating_sub(CONTEXT_LINES);
        let to = marked.len().min(at + CONTEXT_LINES + 1);
        marked[from..to].iter().any(|(mark, _)| *mark != ' ')
    };
    let mut text = String::new();
    let mut skipped = false;
    for (at, (mark, line)) in marked.iter().enumerate() {
        if is_near(at) {
            if std::mem::take(&mut skipped) {
                text.push_str("  …\n");
            }
            text.push_str(&format!("{mark} {line}\n"));
        } else {
            skipped = true;
        }
    }
    text
}

#[test]
fn only_what_differs_is_shown_with_a_little_around_it() {
    let first = "a\nb\nc\nd\ne\nf\ng";
    let second = "a\nb\nc\nd\nE\nf\ng\nh";
    assert_eq!(difference(first, second), "  …\n  c\n  d\n- e\n+ E\n  f\n  g\n+ h\n");
    assert_eq!(difference(first, first), "");
}
