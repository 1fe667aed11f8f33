//! The callers in synthetic records.

use fastrand::Rng;

use super::values::{ACCOUNT, hex, unique};

const PEOPLE: [&str; 40] = [
    "asha.rao",
    "ben.okafor",
    "carla.mendes",
    "dmitri.sokolov",
    "elif.kaya",
    "farid.nasser",
    "greta.holm",
    "hiro.tanaka",
    "ines.duarte",
    "jonas.weber",
    "kavya.iyer",
    "liam.byrne",
    "mei.chen",
    "noor.haddad",
    "olga.petrova",
    "pablo.ruiz",
    "quinn.foster",
    "rania.saleh",
    "sven.lindt",
    "tara.singh",
    "umar.farooq",
    "vera.novak",
    "wanda.kozak",
    "xavier.roche",
    "yuki.mori",
    "zane.cole",
    "amara.diallo",
    "bruno.costa",
    "chloe.martin",
    "dario.conti",
    "emma.larsen",
    "felix.braun",
    "gita.patel",
    "hana.kim",
    "ivan.horvat",
    "jana.kral",
    "kofi.mensah",
    "lena.fischer",
    "marco.rossi",
    "nadia.aziz",
];

const ROLES: [&str; 6] = [
    "DeployPipeline",
    "ReadOnlyAudit",
    "DataPlatformEtl",
    "OnCallBreakGlass",
    "AppServerRole",
    "AWSReservedSSO_Admin_0a1b2c3d4e5f6071",
];

const AGENTS: [&str; 6] = [
    "aws-cli/2.13.30 md/awscrt#0.19.2 ua/2.0 os/linux#5.15.0-1048-aws md/arch#x86_64 lang/python#3.11.6 md/pyimpl#CPython cfg/retry-mode#standard md/installer#exe md/prompt#off md/command#s3.ls",
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/118.0.0.0 Safari/537.36",
    "Boto3/1.28.70 md/Botocore#1.31.70 ua/2.0 os/linux#6.1.55 md/arch#x86_64 lang/python#3.10.12 md/pyimpl#CPython exec-env/AWS_Lambda_python3.10 cfg/retry-mode#legacy Botocore/1.31.70",
    "APN/1.0 HashiCorp/1.0 Terraform/1.6.2 (+https://www.terraform.io) terraform-provider-aws/5.22.0 aws-sdk-go-v2/1.21.2 os/linux lang/go#1.20.10 md/GOOS#linux md/GOARCH#amd64 api/iam#1.22.7",
    "[S3Console/0.4, aws-internal/3 aws-sdk-java/1.12.558 Linux/5.10.196 OpenJDK_64-Bit_Server_VM/25.382-b05 java/1.8.0_382 vendor/Oracle_Corporation cfg/retry-mode/standard]",
    "aws-sdk-java/2.20.160 Linux/6.1.56-82.125.amzn2023.x86_64 OpenJDK_64-Bit_Server_VM/17.0.9+9-LTS Java/17.0.9 vendor/Amazon.com_Inc. io/async http/NettyNio cfg/retry-mode/legacy",
];

/// A caller, with the parts of a record about it.
pub(crate) struct Identity {
    pub(crate) json: String,
    pub(crate) arn: String,
    pub(crate) address: String,
    pub(crate) agent: &'static str,
    pub(crate) is_service: bool,
}

impl Identity {
    pub(crate) fn any(rng: &mut Rng) -> Self {
        match rng.u8(..100) {
            0..30 => Self::user(rng),
            30..84 => Self::role(rng),
            84..87 => Self::root(rng),
            _ => Self::service(rng),
        }
    }

    fn user(rng: &mut Rng) -> Self {
        let person = PEOPLE[rng.usize(..PEOPLE.len())];
        let arn = format!("arn:aws:iam::{ACCOUNT}:user/{person}");
        let json = format!(
            r#"{{"type":"IAMUser","principalId":"{}","arn":"{arn}","accountId":"{ACCOUNT}","accessKeyId":"{}","userName":"{person}","sessionContext":{{"attributes":{{"creationDate":"2023-10-27T08:01:12Z","mfaAuthenticated":"{}"}}}}}}"#,
            unique(rng, "AIDA", 17),
            unique(rng, "AKIA", 16),
            rng.bool(),
        );
        Self::new(rng, json, arn)
    }

    fn role(rng: &mut Rng) -> Self {
        let role = ROLES[rng.usize(..ROLES.len())];
        let session = match rng.u8(..3) {
            0 => format!("i-0{}", hex(rng, 16)),
            _ => format!("{}@example.com", PEOPLE[rng.usize(..PEOPLE.len())]),
        };
        let (id, key) = (unique(rng, "AROA", 17), unique(rng, "ASIA", 16));
        let arn = format!("arn:aws:sts::{ACCOUNT}:assumed-role/{role}/{session}");
        let json = format!(
            r#"{{"type":"AssumedRole","principalId":"{id}:{session}","arn":"{arn}","accountId":"{ACCOUNT}","accessKeyId":"{key}","sessionContext":{{"sessionIssuer":{{"type":"Role","principalId":"{id}","arn":"arn:aws:iam::{ACCOUNT}:role/{role}","accountId":"{ACCOUNT}","userName":"{role}"}},"webIdFederationData":{{}},"attributes":{{"creationDate":"2023-10-27T13:20:45Z","mfaAuthenticated":"false"}}}}}}"#
        );
        Self::new(rng, json, arn)
    }

    fn root(rng: &mut Rng) -> Self {
        let arn = format!("arn:aws:iam::{ACCOUNT}:root");
        let json = format!(
            r#"{{"type":"Root","principalId":"{ACCOUNT}","arn":"{arn}","accountId":"{ACCOUNT}","accessKeyId":"","sessionContext":{{"attributes":{{"creationDate":"2023-10-27T14:02:51Z","mfaAuthenticated":"true"}}}}}}"#
        );
        Self::new(rng, json, arn)
    }

    fn service(rng: &mut Rng) -> Self {
        let services = [
            "autoscaling.amazonaws.com",
            "cloudformation.amazonaws.com",
            "ec2.amazonaws.com",
            "lambda.amazonaws.com",
        ];
        let service = services[rng.usize(..services.len())];
        Self {
            json: format!(r#"{{"type":"AWSService","invokedBy":"{service}"}}"#),
            arn: service.to_owned(),
            address: service.to_owned(),
            agent: service,
            is_service: true,
        }
    }

    fn new(rng: &mut Rng, json: String, arn: String) -> Self {
        let host = rng.u8(..60);
        let address = match host {
            0..40 => format!("203.0.113.{host}"),
            40..50 => format!("198.51.100.{host}"),
            _ => format!("2001:db8:{host:x}::{:x}", u32::from(host) * 77),
        };
        let agent = AGENTS[rng.usize(..AGENTS.len())];
        Self {
            json,
            arn,
            address,
            agent,
            is_service: false,
        }
    }
}
