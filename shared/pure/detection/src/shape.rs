//! What a rule tells before it is compiled: the events it can match and the sets it needs.

use rsigma_parser::{
    ArrayQuantifier, ConditionExpr, Detection, DetectionItem, Modifier, Quantifier,
    SelectorPattern, SigmaRule, SigmaValue, detection_name_matches,
};

/// An event source and an event name, in small letters; `None` is any.
pub(crate) type EventKey = (Option<String>, Option<String>);

/// More alternatives than this are not told apart.
const MOST_KEYS: usize = 2048;

/// What a rule tells before it is compiled.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Shape {
    /// The events it can match: it matches none that has none of these keys.
    pub(crate) events: Vec<EventKey>,
    /// The sets of which a value has to be an element.
    pub(crate) wanted: Vec<String>,
    /// The sets of which a value must not be an element.
    pub(crate) unwanted: Vec<String>,
    /// Whether it reads `requestParameters`.
    pub(crate) reads_parameters: bool,
    /// Whether it matches all events that have one of its keys: it asks for nothing else.
    pub(crate) event_only: bool,
    /// The detections that its conditions name and that it does not have.
    pub(crate) unknown: Vec<String>,
}

impl Shape {
    pub(crate) fn of(rule: &SigmaRule) -> Self {
        let mut shape = Self {
            event_only: is_event_only(rule),
            ..Self::default()
        };
        for condition in &rule.detection.conditions {
            let events = shape.condition(rule, condition, true);
            shape.events.extend(events);
        }
        for list in [&mut shape.wanted, &mut shape.unwanted, &mut shape.unknown] {
            list.sort();
            list.dedup();
        }
        shape.events.sort();
        shape.events.dedup();
        shape
    }

    fn condition(
        &mut self,
        rule: &SigmaRule,
        condition: &ConditionExpr,
        is: bool,
    ) -> Vec<EventKey> {
        match condition {
            ConditionExpr::And(parts) => {
                let all = parts
                    .iter()
                    .map(|part| self.condition(rule, part, is))
                    .collect();
                all_of(all)
            }
            ConditionExpr::Or(parts) => {
                let any = parts
                    .iter()
                    .map(|part| self.condition(rule, part, is))
                    .collect();
                any_of(any)
            }
            ConditionExpr::Not(part) => {
                self.condition(rule, part, !is);
                any()
            }
            ConditionExpr::Identifier(name) => match rule.detection.named.get(name) {
                Some(detection) => self.detection(detection, is),
                None => {
                    self.unknown.push(name.clone());
                    any()
                }
            },
            ConditionExpr::Selector {
                quantifier,
                pattern,
            } => {
                let fits = |name: &str| match pattern {
                    SelectorPattern::Them => !name.starts_with('_'),
                    SelectorPattern::Pattern(pattern) => detection_name_matches(pattern, name),
                };
                let named = rule.detection.named.iter().filter(|(name, _)| fits(name));
                let each: Vec<_> = named.map(|(_, found)| self.detection(found, is)).collect();
                match quantifier {
                    _ if each.is_empty() => any(),
                    Quantifier::All => all_of(each),
                    Quantifier::Any | Quantifier::Count(_) => any_of(each),
                }
            }
        }
    }

    fn detection(&mut self, detection: &Detection, is: bool) -> Vec<EventKey> {
        match detection {
            Detection::AllOf(items) => {
                all_of(items.iter().map(|item| self.item(item, is)).collect())
            }
            Detection::AnyOf(parts) => {
                any_of(parts.iter().map(|part| self.detection(part, is)).collect())
            }
            Detection::And(parts) => {
                all_of(parts.iter().map(|part| self.detection(part, is)).collect())
            }
            Detection::ArrayMatch {
                field,
                quantifier,
                body,
            } => {
                self.reads(field);
                self.detection(body, is == (*quantifier != ArrayQuantifier::None));
                any()
            }
            Detection::Conditional { named, .. } => {
                // Which of them stand under a `not` does not matter to any rule that uses sets.
                for part in named.values() {
                    self.detection(part, is);
                }
                any()
            }
            _ => any(),
        }
    }

    fn reads(&mut self, field: &str) {
        self.reads_parameters |= field.starts_with("requestParameters");
    }

    fn item(&mut self, item: &DetectionItem, is: bool) -> Vec<EventKey> {
        let Some(field) = &item.field.name else {
            return any();
        };
        self.reads(field);
        let modifiers = &item.field.modifiers;
        if modifiers.contains(&Modifier::Expand) {
            let sets = if is == modifiers.contains(&Modifier::Neq) {
                &mut self.unwanted
            } else {
                &mut self.wanted
            };
            sets.extend(item.values.iter().filter_map(placeholder));
            return any();
        }
        if modifiers
            .iter()
            .any(|modifier| *modifier != Modifier::Cased)
        {
            return any();
        }
        let exact = |value: &SigmaValue| match value {
            SigmaValue::String(text) => text.as_plain().map(|text| text.to_ascii_lowercase()),
            _ => None,
        };
        let values: Option<Vec<String>> = item.values.iter().map(exact).collect();
        match (field.as_str(), values) {
            ("eventSource", Some(values)) => values.into_iter().map(|v| (Some(v), None)).collect(),
            ("eventName", Some(values)) => values.into_iter().map(|v| (None, Some(v))).collect(),
            _ => any(),
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

/// The name in `%name%`; `None` where the value is no placeholder.
pub(crate) fn placeholder(value: &SigmaValue) -> Option<String> {
    let SigmaValue::String(text) = value else {
        return None;
    };
    let name = text.original.strip_prefix('%')?.strip_suffix('%')?;
    Some(name.to_owned())
}

fn any() -> Vec<EventKey> {
    vec![(None, None)]
}

fn any_of(alternatives: Vec<Vec<EventKey>>) -> Vec<EventKey> {
    alternatives.into_iter().flatten().collect()
}

fn all_of(constraints: Vec<Vec<EventKey>>) -> Vec<EventKey> {
    constraints.into_iter().fold(any(), |all, more| {
        if all.len() * more.len() > MOST_KEYS {
            // Either alone is wide enough to miss nothing.
            return all;
        }
        let pairs = all.iter().flat_map(|a| more.iter().map(move |b| (a, b)));
        let both = pairs.filter_map(|(a, b)| Some((one(&a.0, &b.0)?, one(&a.1, &b.1)?)));
        both.collect()
    })
}

/// What both allow: `None` where they exclude each other.
fn one(a: &Option<String>, b: &Option<String>) -> Option<Option<String>> {
    match (a, b) {
        (Some(a), Some(b)) => (a == b).then(|| Some(a.clone())),
        (Some(only), None) | (None, Some(only)) => Some(Some(only.clone())),
        (None, None) => Some(None),
    }
}
