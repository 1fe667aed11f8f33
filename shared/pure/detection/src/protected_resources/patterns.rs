//! The formats in which CloudTrail writes the name of a resource.

/// The formats that Lambda accepts as `FunctionName`, each with and without a version or alias: the
/// name, the ARN, and the ARN without its prefix, optionally without the word `function`. The `?` are
/// an account id.
///
/// https://docs.aws.amazon.com/lambda/latest/api/API_UpdateAlias.html (pattern of `FunctionName`)
const FUNCTION: &[&str] = &[
    "{}",
    "{}:*",
    "function:{}",
    "function:{}:*",
    "*:function:{}",
    "*:function:{}:*",
    "????????????:{}",
    "????????????:{}:*",
    "*:????????????:{}",
    "*:????????????:{}:*",
];

/// Sigma patterns that match every format in which CloudTrail names the resource `name` of `set`.
pub(super) fn of(set: &str, name: &str) -> Vec<String> {
    let plain = plain_name(set, name);
    let formats: &[&str] = match set {
        "log_buckets" => &["{}", "arn:*:s3:::{}", "arn:*:s3:::{}/*"],
        "log_groups" => &["{}", "*:log-group:{}", "*:log-group:{}:*"],
        "kms_key_ids" => &["{}", "*:key/{}", "*:{}"],
        "lambda_functions" => FUNCTION,
        "firehose_streams" => &["{}", "*:deliverystream/{}"],
        "kinesis_streams" => &["{}", "*:stream/{}", "*:stream/{}/*"],
        "sqs_queues" => &["{}", "https://*/{}", "arn:*:sqs:*:{}"],
        "sns_topics" => &["{}", "arn:*:sns:*:{}", "arn:*:sns:*:{}:*"],
        // Buses, archives, connections, destinations and pipes have the same format.
        "eventbridge_rules" => &[
            "{}",
            "arn:*:events:*/{}",
            "arn:*:events:*/{}/*",
            "arn:*:pipes:*/{}",
        ],
        "secrets" => &["{}", "*:secret:{}", "*:secret:{}-??????"],
        "ssm_parameters" if plain.starts_with('/') => &["{}", "*:parameter{}"],
        "ssm_parameters" => &["{}", "*:parameter/{}"],
        "iam_roles" => &["{}", "*:role/{}", "*:role/*/{}"],
        "event_source_mapping_uuids" => &["{}", "*:event-source-mapping:{}"],
        "alarms" => &["{}", "*:alarm:{}"],
        "codedeploy_applications" => &["{}", "*:application:{}"],
        "dynamodb_tables" => &["{}", "*:table/{}"],
        _ => &["{}"],
    };
    let mut all: Vec<String> = formats
        .iter()
        .map(|format| format.replace("{}", &escaped(plain)))
        .collect();
    all.push(escaped(name));
    all
}

/// The name of the resource if `name` is its ARN.
fn plain_name<'n>(set: &str, name: &'n str) -> &'n str {
    if set == "lambda_functions" {
        return function_name(name);
    }
    if set == "subscription_destination_arn" || !name.starts_with("arn:") {
        return name;
    }
    let resource = name.splitn(6, ':').last().unwrap_or(name);
    let kinds = [
        "log-group:",
        "key/",
        "deliverystream/",
        "stream/",
        "rule/",
        "secret:",
        "role/",
        "event-source-mapping:",
        "alarm:",
        "application:",
        "table/",
        "parameter",
    ];
    let kind = kinds.iter().find(|kind| resource.starts_with(**kind));
    let plain = &resource[kind.map_or(0, |kind| kind.len())..];
    match set {
        "log_groups" => plain.trim_end_matches(":*"),
        // Secrets Manager adds a hyphen and six characters to the name.
        "secrets" => match plain.rsplit_once('-') {
            Some((name, random)) if random.len() == 6 => name,
            _ => plain,
        },
        "iam_roles" => plain.rsplit('/').next().unwrap_or(plain),
        _ => plain,
    }
}

/// The name of a function without ARN, account, and version or alias.
fn function_name(name: &str) -> &str {
    let qualified = match name.split_once(":function:") {
        Some((_, qualified)) => qualified,
        None => name.strip_prefix("function:").unwrap_or(name),
    };
    qualified.split(':').next().unwrap_or(qualified)
}

/// The name with Sigma's wildcards and backslashes escaped.
fn escaped(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for c in name.chars() {
        if matches!(c, '\\' | '*' | '?') {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

#[cfg(test)]
mod tests {
    use crate::protected_resources::ProtectedResources;

    fn patterns(set: &str, name: &str) -> Vec<String> {
        let json = format!(r#"{{"{set}":["{name}"]}}"#);
        ProtectedResources::parse(&json).unwrap().patterns(set)
    }

    #[test]
    fn an_arn_matches_its_name_and_a_name_its_arns() {
        let function = patterns("lambda_functions", "arn:aws:lambda:eu-west-1:1:function:f*");
        assert!(function.contains(&r"f\*".to_owned()));
        assert!(function.contains(&r"*:function:f\*:*".to_owned()));
        let secret = "arn:aws:secretsmanager:eu-west-1:1:secret:a/b-AbCdEf";
        assert!(patterns("secrets", secret).contains(&"a/b".to_owned()));
        let group = patterns("log_groups", "arn:aws:logs:eu-west-1:1:log-group:/a/b:*");
        assert!(group.contains(&"*:log-group:/a/b".to_owned()));
        let application = "arn:aws:codedeploy:eu-west-1:1:application:a";
        assert!(patterns("codedeploy_applications", application).contains(&"a".to_owned()));
    }

    #[test]
    fn every_format_of_a_function_matches_the_function() {
        let plain = patterns("lambda_functions", "my-function");
        for name in [
            "my-function:live",
            "function:my-function",
            "111122223333:function:my-function",
            "arn:aws:lambda:eu-west-1:111122223333:function:my-function",
            "arn:aws:lambda:eu-west-1:111122223333:function:my-function:live",
            "arn:aws-cn:lambda:cn-north-1:111122223333:function:my-function:$LATEST",
        ] {
            let found = patterns("lambda_functions", name);
            let missing: Vec<_> = plain.iter().filter(|one| !found.contains(one)).collect();
            assert!(missing.is_empty(), "{name}: {missing:?}");
        }
    }
}
