//! CloudTrail events in EventBridge.

/// Whether EventBridge sends CloudTrail events with this `detail-type`.
pub fn is_cloudtrail_detail_type(detail_type: &str) -> bool {
    detail_type.ends_with("via CloudTrail") || detail_type.contains("Insight")
}
