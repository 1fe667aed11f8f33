"""The emulator, with what AWS itself does besides, so that things can be deployed to it."""

import base64
import gzip
import json
import os
import time
import uuid
from string import punctuation

import boto3
from ministack.core import iam_evaluator
from ministack.core.lambda_runtime import execution_credentials
from ministack.services import cloudwatch, cloudwatch_logs, eventbridge, lambda_svc
from ministack.services.cloudformation import provisioners

# PutEvents takes no source of AWS's own, aws.cloudtrail among them, as in AWS: there the services
# themselves put such events on the bus, and here a test stands in for them. The emulator's services
# publish through this function too, with this refusal lifted.
eventbridge._put_events.__defaults__ = (True,)


class Tls:
    """Every call counts as made over TLS: policies insist on it, and loopback goes without."""

    def get(self):
        return "127.0.0.1", True

    def set(self, _):
        pass


iam_evaluator._request_origin = Tls()


of_one_metric = provisioners._cw_metric_alarm_record


def of_any(name, props):
    """Alarms on expressions stand with a name in place of one: the emulator's templates know none."""
    if props.get("Metrics"):
        props = {**props, "Metrics": None, "Namespace": "Expression", "MetricName": "Expression"}
    return of_one_metric(name, props)


provisioners._cw_metric_alarm_record = of_any


def composite(_logical_id, props, _stack):
    """Composite alarms, which the emulator has and its templates do not know."""
    status, _, body = cloudwatch._put_composite_alarm({}, props, False, True)
    if status >= 400:
        raise ValueError(body.decode())
    return props["AlarmName"], {}


def named(key):
    """A type of which the emulator has nothing: its resources are created in name only."""
    return {
        "create": lambda _logical_id, props, _stack: (props[key], {}),
        "update": lambda physical_id, _old, _new, _stack: (physical_id, {}),
        "delete": lambda _physical_id, _props: None,
    }


provisioners._RESOURCE_HANDLERS.update({
    "AWS::CloudWatch::CompositeAlarm": {
        "create": composite,
        "update": lambda _physical_id, _old, new, stack: composite(None, new, stack),
        "delete": lambda name, _props: cloudwatch._composite_alarms.pop(name, None),
    },
    # The emulator ignores the update policy of an alias, which therefore moves at once, as without CodeDeploy.
    "AWS::CodeDeploy::Application": named("ApplicationName"),
    "AWS::CodeDeploy::DeploymentGroup": named("DeploymentGroupName"),
})


def subscribed(group, stream, events):
    """Subscriptions invoke the alias that they name asynchronously, with its retries and its destination for
    failures. The emulator would invoke the latest version once. Every filter takes everything."""
    for subscription in (cloudwatch_logs._log_groups.get(group) or {}).get("subscriptionFilters", {}).values():
        name, _, alias = subscription["destinationArn"].partition(":function:")[2].partition(":")
        if not alias:
            continue
        function = lambda_svc._functions[name]
        message = {
            "messageType": "DATA_MESSAGE",
            "owner": cloudwatch_logs.get_account_id(),
            "logGroup": group,
            "logStream": stream,
            "subscriptionFilters": [subscription["filterName"]],
            "logEvents": [
                {"id": f"{at:056d}", "timestamp": event["timestamp"], "message": event["message"]}
                for at, event in enumerate(events)
            ],
        }
        data = base64.b64encode(gzip.compress(json.dumps(message).encode())).decode()
        version = dict(function["versions"][function["aliases"][alias]["FunctionVersion"]])
        version["config"] = {**version["config"], "FunctionArn": f"{lambda_svc._func_arn(name)}:{alias}"}
        version["event_invoke_config"] = function.get("event_invoke_configs", {}).get(alias)
        lambda_svc.invoke_async_with_retry(version, {"awslogs": {"data": data}})


cloudwatch_logs._fanout_to_subscription_filters = subscribed


def failed(destination, name, event, result):
    """Writes failed asynchronous invocations to a bucket, with the rights of the function's role. The emulator
    writes them to queues and topics only."""
    config = lambda_svc._functions[name]["config"]
    keys = execution_credentials(config)
    s3 = boto3.client(
        "s3",
        endpoint_url=os.environ["AWS_ENDPOINT_URL"],
        region_name=config["FunctionArn"].split(":")[3],
        aws_access_key_id=keys["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=keys["AWS_SECRET_ACCESS_KEY"],
        aws_session_token=keys["AWS_SESSION_TOKEN"],
    )
    record = {
        "version": "1.0",
        "timestamp": time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime()),
        "requestContext": {
            "requestId": str(uuid.uuid4()),
            "functionArn": f"{config['FunctionArn']}:$LATEST",
            "condition": "RetriesExhausted",
            "approximateInvokeCount": 3,
        },
        "requestPayload": event,
        "responseContext": {"statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled"},
        "responsePayload": result.get("body"),
    }
    key = time.strftime(f"aws/lambda/async/{name}/%Y/%m/%d/%Y-%m-%dT%H.%M.%S-{uuid.uuid4()}", time.gmtime())
    s3.put_object(Bucket=destination.rpartition(":::")[2], Key=key, Body=json.dumps(record))


lambda_svc._route_async_failure = failed


any_secret = provisioners._sm_secret_string


def without_punctuation(props):
    """Generated secrets have no punctuation where the template excludes it: the emulator ignores that."""
    generate = props.get("GenerateSecretString") or {}
    if str(generate.get("ExcludePunctuation", "")).lower() == "true":
        props = {**props, "GenerateSecretString": {**generate, "ExcludeCharacters": generate.get("ExcludeCharacters", "") + punctuation}}
    return any_secret(props)


provisioners._sm_secret_string = without_punctuation

from ministack.app import main  # noqa: E402

main()
