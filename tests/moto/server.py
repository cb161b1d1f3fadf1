"""moto's server, with empty answers to the listings that moto does not have.

A listing that is refused may hide anything, so the program would rightly keep every network for its sake.
"""

import sys

from moto.core.responses import ActionResult
from moto.ec2.responses import EC2Response
from moto.server import main


def describe_instance_connect_endpoints(self):
    return ActionResult({"InstanceConnectEndpoints": []})


def describe_placement_groups(self):
    return ActionResult({"PlacementGroups": []})


for listing in [describe_instance_connect_endpoints, describe_placement_groups]:
    setattr(EC2Response, listing.__name__, listing)

if __name__ == "__main__":
    main(sys.argv[1:])
