"""The emulator, with what AWS itself does besides, so that things can be deployed to it."""

from ministack.core import iam_evaluator
from ministack.services import eventbridge
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

from ministack.app import main  # noqa: E402

main()
