//! What is known about a rule before it is compiled: the events it can match and the sets it needs.

use rsigma_parser::{
    ArrayQuantifier, ConditionExpr, Detection, DetectionItem, Modifier, Quantifier,
    SelectorPattern, SigmaRule, SigmaValue, detection_name_matches,
};

use crate::event_key::{EventKey, all_of, any, any_of, name_of, source_of};

/// What is known about a rule before it is compiled.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Prefilter {
    /// The events that the rule can match: no event without one of these keys matches.
    pub(crate) events: Vec<EventKey>,
    /// The sets that a value must be an element of.
    pub(crate) required: Vec<String>,
    /// The sets that a value must not be an element of.
    pub(crate) excluded: Vec<String>,
    /// Whether the rule reads `requestParameters`.
    pub(crate) reads_parameters: bool,
    /// Whether the rule matches every event with one of its keys, because it reads nothing else.
    pub(crate) event_only: bool,
    /// The detections that the conditions name and that do not exist.
    pub(crate) unknown: Vec<String>,
}

impl Prefilter {
    pub(crate) fn new(rule: &SigmaRule) -> Self {
        let mut prefilter = Self {
            event_only: is_event_only(rule),
            ..Self::default()
        };
        for condition in &rule.detection.conditions {
            let events = prefilter.condition(rule, condition, true);
            prefilter.events.extend(events);
        }
        for list in [
            &mut prefilter.required,
            &mut prefilter.excluded,
            &mut prefilter.unknown,
        ] {
            list.sort();
            list.dedup();
        }
        prefilter.events.sort();
        prefilter.events.dedup();
        prefilter
    }

    fn condition(
        &mut self,
        rule: &SigmaRule,
        condition: &ConditionExpr,
        positive: bool,
    ) -> Vec<EventKey> {
        match condition {
            ConditionExpr::And(parts) => {
                let all = parts
                    .iter()
                    .map(|part| self.condition(rule, part, positive))
                    .collect();
                all_of(all)
            }
            ConditionExpr::Or(parts) => {
                let any = parts
                    .iter()
                    .map(|part| self.condition(rule, part, positive))
                    .collect();
                any_of(any)
            }
            ConditionExpr::Not(part) => {
                self.condition(rule, part, !positive);
                any()
            }
            ConditionExpr::Identifier(name) => match rule.detection.named.get(name) {
                Some(detection) => self.detection(detection, positive),
                None => {
                    self.unknown.push(name.clone());
                    any()
                }
            },
            ConditionExpr::Selector {
                quantifier,
                pattern,
            } => {
                let selects = |name: &str| match pattern {
                    SelectorPattern::Them => !name.starts_with('_'),
                    SelectorPattern::Pattern(pattern) => detection_name_matches(pattern, name),
                };
                let named = rule
                    .detection
                    .named
                    .iter()
                    .filter(|(name, _)| selects(name));
                let each: Vec<_> = named
                    .map(|(_, found)| self.detection(found, positive))
                    .collect();
                match quantifier {
                    _ if each.is_empty() => any(),
                    Quantifier::All => all_of(each),
                    Quantifier::Any | Quantifier::Count(_) => any_of(each),
                }
            }
        }
    }

    fn detection(&mut self, detection: &Detection, positive: bool) -> Vec<EventKey> {
        match detection {
            Detection::AllOf(items) => {
                all_of(items.iter().map(|item| self.item(item, positive)).collect())
            }
            Detection::AnyOf(parts) => any_of(
                parts
                    .iter()
                    .map(|part| self.detection(part, positive))
                    .collect(),
            ),
            Detection::And(parts) => all_of(
                parts
                    .iter()
                    .map(|part| self.detection(part, positive))
                    .collect(),
            ),
            Detection::ArrayMatch {
                field,
                quantifier,
                body,
            } => {
                self.reads(field);
                self.detection(body, positive == (*quantifier != ArrayQuantifier::None));
                any()
            }
            Detection::Conditional { named, .. } => {
                // Which of them are negated does not matter to any rule that uses sets.
                for part in named.values() {
                    self.detection(part, positive);
                }
                any()
            }
            _ => any(),
        }
    }

    fn reads(&mut self, field: &str) {
        self.reads_parameters |= field.starts_with("requestParameters");
    }

    fn item(&mut self, item: &DetectionItem, positive: bool) -> Vec<EventKey> {
        let Some(field) = &item.field.name else {
            return any();
        };
        self.reads(field);
        let modifiers = &item.field.modifiers;
        if modifiers.contains(&Modifier::Expand) {
            let sets = if positive == modifiers.contains(&Modifier::Neq) {
                &mut self.excluded
            } else {
                &mut self.required
            };
            sets.extend(item.values.iter().filter_map(placeholder));
            return any();
        }
        let key = |value: &SigmaValue| match (field.as_str(), value) {
            ("eventSource", SigmaValue::String(text)) => (source_of(text, modifiers), None),
            ("eventName", SigmaValue::String(text)) => (None, name_of(text, modifiers)),
            _ => (None, None),
        };
        match item.values.as_slice() {
            [] => any(),
            values => values.iter().map(key).collect(),
        }
    }
}

/// Whether the condition is one detection of exact event sources and names.
fn is_event_only(rule: &SigmaRule) -> bool {
    let [ConditionExpr::Identifier(name)] = &rule.detection.conditions[..] else {
        return false;
    };
    let Some(Detection::AllOf(items)) = rule.detection.named.get(name) else {
        return false;
    };
    let is_exact = |item: &DetectionItem| {
        let is_plain = |value: &SigmaValue| matches!(value, SigmaValue::String(text) if text.as_plain().is_some());
        matches!(
            item.field.name.as_deref(),
            Some("eventSource" | "eventName")
        ) && item.field.modifiers.is_empty()
            && item.values.iter().all(is_plain)
    };
    items.iter().all(is_exact)
}

/// The name in `%name%`; `None` if the value is not a placeholder.
pub(crate) fn placeholder(value: &SigmaValue) -> Option<String> {
    let SigmaValue::String(text) = value else {
        return None;
    };
    let name = text.original.strip_prefix('%')?.strip_suffix('%')?;
    Some(name.to_owned())
}
