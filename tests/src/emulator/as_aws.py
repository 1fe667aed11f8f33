"""The emulator, with what AWS itself does besides, so that things can be deployed to it."""

from ministack.core import iam_evaluator
from ministack.services import eventbridge

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

from ministack.app import main  # noqa: E402

main()
