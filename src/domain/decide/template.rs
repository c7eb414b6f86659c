//! A tenant's own texts.

use std::sync::Arc;

use super::draft::Draft;
use crate::domain::decision::{Record, RecordKey};
use crate::domain::locale::BUILT_IN;
use crate::domain::rejection::{Rejection, RejectionReason};
use crate::domain::template::{CUSTOM_TEXTS_MAX, CustomText, TemplateKey};

/// Takes a text of the tenant's own, if its plan has such texts and messages can be written with
/// it.
pub fn set(draft: &mut Draft<'_>, key: &TemplateKey, text: &CustomText) -> Result<(), Rejection> {
    if !draft.has_custom_text() {
        let detail = format!("plan {} has no texts of its own", draft.settings.plan);
        return Err(Rejection::new(RejectionReason::PlanExcludesCustomText, detail));
    }
    if !key.locale.is_built_in() {
        let (asked, known) = (key.locale.as_str(), BUILT_IN.join(", "));
        let detail =
            format!("locale: dates and frame cannot be written in {asked}, only in {known}");
        return Err(Rejection::new(RejectionReason::UnknownLanguage, detail));
    }
    let known = draft.state.template(key);
    if known.is_some_and(|known| **known == *text) {
        draft.already_done();
        return Ok(());
    }
    if known.is_none() && draft.state.template_count() >= CUSTOM_TEXTS_MAX {
        let detail = format!("a tenant has at most {CUSTOM_TEXTS_MAX} texts of its own");
        return Err(Rejection::new(RejectionReason::TooManyTemplates, detail));
    }
    draft
        .ctx
        .texts
        .check(key, text)
        .map_err(|fault| Rejection::new(RejectionReason::InvalidTemplate, fault.to_string()))?;
    draft.put(Record::Template(key.clone(), Arc::new(text.clone())));
    Ok(())
}

/// Back to the built-in text.
pub fn reset(draft: &mut Draft<'_>, key: &TemplateKey) -> Result<(), Rejection> {
    if draft.state.template(key).is_none() {
        draft.already_done();
        return Ok(());
    }
    draft.drop_record(RecordKey::Template(key.clone()));
    Ok(())
}
