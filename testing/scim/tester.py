"""Asks a SCIM service everything that scim2-tester (PyPI) knows of RFC 7643 and RFC 7644, and says what was wrong.

Wants what `requirements.txt` beside it names.
"""

import os
import sys

from httpx2 import Client
from scim2_client.engines.httpx2 import SyncSCIMClient
from scim2_tester import Status, check_server

client = Client(
    base_url=sys.argv[1],
    headers={"Authorization": f"Bearer {os.environ['SCIM_TOKEN']}"},
    trust_env=False,
)
results = check_server(SyncSCIMClient(client))
bad = [result for result in results if result.status in (Status.ERROR, Status.CRITICAL)]
for result in bad:
    print(f"{result.status.name} {result.title} {result.resource_type}: {result.reason}")
print(f"{len(results)} checks, {len(bad)} wrong")
# So few would mean that it did not understand what the service says of itself.
sys.exit(1 if bad or len(results) < 40 else 0)
