//! The calls in synthetic records.

use fastrand::Rng;

use super::identity::Identity;
use super::values::{ACCOUNT, hex, unique, uuid};

/// The part of a record that depends on the call.
pub(crate) struct Call {
    pub(crate) source: &'static str,
    pub(crate) name: &'static str,
    pub(crate) request: String,
    pub(crate) response: String,
    /// A `resources` member with its comma, or nothing.
    pub(crate) resources: String,
    pub(crate) event_type: &'static str,
    pub(crate) is_read_only: bool,
    pub(crate) is_management: bool,
}

impl Call {
    fn read(source: &'static str, name: &'static str, request: String) -> Self {
        Self {
            source,
            name,
            request,
            response: "null".to_owned(),
            resources: String::new(),
            event_type: "AwsApiCall",
            is_read_only: true,
            is_management: true,
        }
    }

    fn write(source: &'static str, name: &'static str, request: String, response: String) -> Self {
        Self {
            response,
            is_read_only: false,
            ..Self::read(source, name, request)
        }
    }

    fn with_resource(mut self, kind: &str, arn: &str) -> Self {
        self.resources =
            format!(r#","resources":[{{"accountId":"{ACCOUNT}","type":"{kind}","ARN":"{arn}"}}]"#);
        self
    }
}

pub(crate) fn any(rng: &mut Rng, identity: &Identity) -> Call {
    if identity.is_service {
        return assume_role(rng, identity);
    }
    match rng.u8(..100) {
        0..22 => describe_instances(rng),
        22..38 => get_object(rng),
        38..52 => kms(rng),
        52..60 => secret(rng),
        60..68 => log_streams(rng),
        68..76 => run_instances(rng),
        76..82 => put_role_policy(rng),
        82..88 => security_group(rng),
        88..93 => create_key(rng),
        93..97 => lambda(rng),
        _ => console_login(rng),
    }
}

fn describe_instances(rng: &mut Rng) -> Call {
    let ids: Vec<String> = (0..rng.usize(0..6))
        .map(|_| format!(r#"{{"instanceId":"i-0{}"}}"#, hex(rng, 16)))
        .collect();
    let request = format!(
        r#"{{"instancesSet":{{"items":[{}]}},"filterSet":{{"items":[{{"name":"tag:Environment","valueSet":{{"items":[{{"value":"production"}},{{"value":"staging"}}]}}}}]}},"maxResults":{}}}"#,
        ids.join(","),
        rng.u16(5..1000)
    );
    Call::read("ec2.amazonaws.com", "DescribeInstances", request)
}

fn get_object(rng: &mut Rng) -> Call {
    let key = format!(
        "exports/2023/10/27/part-{:05}-{}.snappy.parquet",
        rng.u16(..),
        uuid(rng)
    );
    let bucket = "example-analytics-lake";
    let request = format!(
        r#"{{"bucketName":"{bucket}","Host":"{bucket}.s3.us-east-1.amazonaws.com","key":"{key}"}}"#
    );
    let mut call = Call::read("s3.amazonaws.com", "GetObject", request);
    call.is_management = false;
    call.resources = format!(
        r#","additionalEventData":{{"SignatureVersion":"SigV4","CipherSuite":"ECDHE-RSA-AES128-GCM-SHA256","bytesTransferredIn":0,"AuthenticationMethod":"AuthHeader","x-amz-id-2":"{}=","bytesTransferredOut":{}}},"resources":[{{"type":"AWS::S3::Object","ARN":"arn:aws:s3:::{bucket}/{key}"}},{{"accountId":"{ACCOUNT}","type":"AWS::S3::Bucket","ARN":"arn:aws:s3:::{bucket}"}}]"#,
        unique(rng, "", 75),
        rng.u32(..9_000_000)
    );
    call
}

fn kms(rng: &mut Rng) -> Call {
    let key = format!("arn:aws:kms:us-east-1:{ACCOUNT}:key/{}", uuid(rng));
    let request = format!(
        r#"{{"encryptionAlgorithm":"SYMMETRIC_DEFAULT","encryptionContext":{{"aws:s3:arn":"arn:aws:s3:::example-analytics-lake"}},"keyId":"{key}"}}"#
    );
    Call::read("kms.amazonaws.com", "Decrypt", request).with_resource("AWS::KMS::Key", &key)
}

fn secret(rng: &mut Rng) -> Call {
    let names = [
        "payments/db",
        "reporting/api",
        "crm/oauth",
        "search/cluster",
    ];
    let name = names[rng.usize(..names.len())];
    Call::read(
        "secretsmanager.amazonaws.com",
        "GetSecretValue",
        format!(r#"{{"secretId":"{name}","versionStage":"AWSCURRENT"}}"#),
    )
}

fn log_streams(rng: &mut Rng) -> Call {
    let request = format!(
        r#"{{"logGroupName":"/aws/lambda/order-{}","orderBy":"LastEventTime","descending":true,"limit":50}}"#,
        ["intake", "billing", "shipping"][rng.usize(..3)]
    );
    Call::read("logs.amazonaws.com", "DescribeLogStreams", request)
}

fn run_instances(rng: &mut Rng) -> Call {
    let request = format!(
        r#"{{"instancesSet":{{"items":[{{"imageId":"ami-0{}","minCount":1,"maxCount":3,"keyName":"ops"}}]}},"instanceType":"m6i.large","blockDeviceMapping":{{"items":[{{"deviceName":"/dev/xvda","ebs":{{"volumeSize":30,"deleteOnTermination":true,"volumeType":"gp3","encrypted":true}}}}]}},"monitoring":{{"enabled":false}},"disableApiTermination":false,"tagSpecificationSet":{{"items":[{{"resourceType":"instance","tags":[{{"key":"Name","value":"worker"}},{{"key":"CostCenter","value":"{}"}}]}}]}}}}"#,
        hex(rng, 16),
        rng.u16(1000..9999)
    );
    let instances: Vec<String> = (0..rng.usize(1..4)).map(|_| instance(rng)).collect();
    let response = format!(
        r#"{{"requestId":"{}","reservationId":"r-0{}","ownerId":"{ACCOUNT}","groupSet":{{}},"instancesSet":{{"items":[{}]}}}}"#,
        uuid(rng),
        hex(rng, 16),
        instances.join(",")
    );
    Call::write("ec2.amazonaws.com", "RunInstances", request, response)
}

fn instance(rng: &mut Rng) -> String {
    let host = rng.u8(1..250);
    format!(
        r#"{{"instanceId":"i-0{}","imageId":"ami-0{}","instanceState":{{"code":0,"name":"pending"}},"privateDnsName":"ip-10-0-4-{host}.ec2.internal","keyName":"ops","amiLaunchIndex":0,"productCodes":{{}},"instanceType":"m6i.large","launchTime":1698417200000,"placement":{{"availabilityZone":"us-east-1b","tenancy":"default"}},"monitoring":{{"state":"disabled"}},"subnetId":"subnet-0{}","vpcId":"vpc-0a1b2c3d4e5f60718","privateIpAddress":"10.0.4.{host}","stateReason":{{"code":"pending","message":"pending"}},"architecture":"x86_64","rootDeviceType":"ebs","rootDeviceName":"/dev/xvda","virtualizationType":"hvm","hypervisor":"xen","clientToken":"{}","sourceDestCheck":true,"ebsOptimized":false}}"#,
        hex(rng, 16),
        hex(rng, 16),
        hex(rng, 16),
        uuid(rng)
    )
}

fn put_role_policy(rng: &mut Rng) -> Call {
    let request = format!(
        r#"{{"roleName":"AppServerRole","policyName":"inline-{}","policyDocument":"{{\n  \"Version\": \"2012-10-17\",\n  \"Statement\": [\n    {{\n      \"Effect\": \"Allow\",\n      \"Action\": [\"s3:GetObject\", \"s3:PutObject\"],\n      \"Resource\": \"arn:aws:s3:::example-analytics-lake/*\",\n      \"Condition\": {{ \"IpAddress\": {{ \"aws:SourceIp\": \"203.0.113.0/24\" }} }}\n    }}\n  ]\n}}"}}"#,
        rng.u16(..)
    );
    Call::write(
        "iam.amazonaws.com",
        "PutRolePolicy",
        request,
        "null".to_owned(),
    )
}

fn security_group(rng: &mut Rng) -> Call {
    let group = format!("sg-0{}", hex(rng, 16));
    let rule = format!(
        r#"{{"ipProtocol":"tcp","fromPort":443,"toPort":443,"groups":{{}},"ipRanges":{{"items":[{{"cidrIp":"198.51.100.{}/32","description":"office"}}]}},"ipv6Ranges":{{}},"prefixListIds":{{}}}}"#,
        rng.u8(..)
    );
    let request = format!(r#"{{"groupId":"{group}","ipPermissions":{{"items":[{rule}]}}}}"#);
    let response = format!(
        r#"{{"requestId":"{}","_return":true,"securityGroupRuleSet":{{"items":[{{"groupOwnerId":"{ACCOUNT}","groupId":"{group}","securityGroupRuleId":"sgr-0{}","isEgress":false,"ipProtocol":"tcp","fromPort":443,"toPort":443}}]}}}}"#,
        uuid(rng),
        hex(rng, 16)
    );
    Call::write(
        "ec2.amazonaws.com",
        "AuthorizeSecurityGroupIngress",
        request,
        response,
    )
}

fn create_key(rng: &mut Rng) -> Call {
    let user = ["build.bot", "asha.rao", "report.reader"][rng.usize(..3)];
    let response = format!(
        r#"{{"accessKey":{{"userName":"{user}","accessKeyId":"{}","status":"Active","createDate":"Oct 27, 2023 2:33:20 PM"}}}}"#,
        unique(rng, "AKIA", 16)
    );
    Call::write(
        "iam.amazonaws.com",
        "CreateAccessKey",
        format!(r#"{{"userName":"{user}"}}"#),
        response,
    )
}

fn lambda(rng: &mut Rng) -> Call {
    let function = ["order-intake", "order-billing", "order-shipping"][rng.usize(..3)];
    let arn = format!("arn:aws:lambda:us-east-1:{ACCOUNT}:function:{function}");
    let request = format!(r#"{{"functionName":"{arn}","publish":true,"dryRun":false}}"#);
    let response = format!(
        r#"{{"functionName":"{function}","functionArn":"{arn}:{}","runtime":"provided.al2023","role":"arn:aws:iam::{ACCOUNT}:role/AppServerRole","handler":"bootstrap","codeSize":{},"timeout":30,"memorySize":512,"codeSha256":"{}=","environment":{{}},"tracingConfig":{{"mode":"PassThrough"}},"state":"Active","architectures":["x86_64"],"loggingConfig":{{"logFormat":"JSON","logGroup":"/aws/lambda/{function}"}}}}"#,
        rng.u16(1..900),
        rng.u32(500_000..5_000_000),
        unique(rng, "", 43)
    );
    Call::write(
        "lambda.amazonaws.com",
        "UpdateFunctionCode20150331v2",
        request,
        response,
    )
}

fn console_login(rng: &mut Rng) -> Call {
    let mfa = if rng.bool() { "Yes" } else { "No" };
    let mut call = Call::write(
        "signin.amazonaws.com",
        "ConsoleLogin",
        "null".to_owned(),
        r#"{"ConsoleLogin":"Success"}"#.to_owned(),
    );
    call.event_type = "AwsConsoleSignIn";
    call.resources = format!(
        r#","additionalEventData":{{"LoginTo":"https://console.aws.amazon.com/console/home?hashArgs=%23&isauthcode=true&state=hashArgsFromTB_us-east-1_{}","MobileVersion":"No","MFAUsed":"{mfa}"}}"#,
        hex(rng, 16)
    );
    call
}

fn assume_role(rng: &mut Rng, identity: &Identity) -> Call {
    let role = format!("arn:aws:iam::{ACCOUNT}:role/AppServerRole");
    let session = format!("i-0{}", hex(rng, 16));
    let request =
        format!(r#"{{"roleArn":"{role}","roleSessionName":"{session}","durationSeconds":3600}}"#);
    let response = format!(
        r#"{{"credentials":{{"accessKeyId":"{}","sessionToken":"{}","expiration":"Oct 27, 2023, 3:33:20 PM"}},"assumedRoleUser":{{"assumedRoleId":"{}:{session}","arn":"arn:aws:sts::{ACCOUNT}:assumed-role/AppServerRole/{session}"}}}}"#,
        unique(rng, "ASIA", 16),
        unique(rng, "IQoJb3JpZ2luX2VjE", 300),
        unique(rng, "AROA", 17)
    );
    let mut call = Call::write("sts.amazonaws.com", "AssumeRole", request, response);
    call.is_read_only = true;
    call.resources = format!(
        r#","resources":[{{"accountId":"{ACCOUNT}","type":"AWS::IAM::Role","ARN":"{role}"}}],"sharedEventID":"{}""#,
        uuid(rng)
    );
    debug_assert!(identity.is_service);
    call
}
