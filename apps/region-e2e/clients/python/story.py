"""Runs IBM's own Python client against a region and prints, as one JSON object, what it got. It judges nothing: the test does."""

import base64
import json
import os
import sys
import uuid

from ibm_cloud_sdk_core import ApiException
from ibm_cloud_sdk_core.authenticators import IAMAuthenticator
from keyprotect import IbmKeyProtectApiV2

KEY_TYPE = "application/vnd.ibm.kms.key+json"
POLICY_TYPE = "application/vnd.ibm.kms.policy+json"
INSTANCE = os.environ["KEY_PROTECT_INSTANCE_ID"]


def connect():
    client = IbmKeyProtectApiV2(
        authenticator=IAMAuthenticator(
            os.environ["KEY_PROTECT_API_KEY"], url=os.environ["KEY_PROTECT_TOKEN_URL"]
        )
    )
    client.set_service_url(os.environ["KEY_PROTECT_URL"])
    return client


def envelope(kind, resource):
    return {
        "metadata": {"collectionType": kind, "collectionTotal": 1},
        "resources": [resource],
    }


def key_body(**members):
    return json.dumps(envelope(KEY_TYPE, {"type": KEY_TYPE, **members}))


def first(response):
    return response.get_result()["resources"][0]


def refusal(call):
    """Status and reason code of a call that the service refuses."""
    try:
        call()
    except ApiException as error:
        reasons = error.http_response.json()["resources"][0].get("reasons", [])
        return {"status": error.status_code, "code": reasons[0]["code"] if reasons else None}
    return None


def life_of_keys(client):
    seen = {"created": first(client.create_key(INSTANCE, key_body(name="python root", extractable=False)))}
    key = seen["created"]["id"]
    wrapped = client.wrap_key(key, INSTANCE, key_action_wrap_body="{}").get_result()
    body = json.dumps({"ciphertext": wrapped["ciphertext"]})
    seen["rotated"] = client.rotate_key(key, INSTANCE).get_status_code()
    opened = client.unwrap_key(key, INSTANCE, body).get_result()
    seen["isSame"] = opened["plaintext"] == wrapped["plaintext"]
    seen["isRewrapped"] = "rewrappedKeyVersion" in opened
    rewrapped = client.rewrap_key(key, INSTANCE, body).get_result()
    seen["rewrap"] = sorted(rewrapped)
    seen["versions"] = client.get_key_versions(key, INSTANCE, total_count=True).get_result()["metadata"]
    seen["legacy"] = sorted(client.action_on_key(key, INSTANCE, "wrap", "{}").get_result())
    seen["disabled"] = client.disable_key(key, INSTANCE).get_status_code()
    seen["whileDisabled"] = refusal(lambda: client.wrap_key(key, INSTANCE, key_action_wrap_body="{}"))
    seen["enabledEarly"] = refusal(lambda: client.enable_key(key, INSTANCE))
    seen["total"] = client.get_key_collection_metadata(INSTANCE).get_headers()["Key-Total"]
    seen["deleted"] = first(client.delete_key(key, INSTANCE, prefer="return=representation"))
    seen["restoredEarly"] = refusal(lambda: client.restore_key(key, INSTANCE))
    seen["unknown"] = refusal(lambda: client.get_key(str(uuid.uuid4()), INSTANCE))
    return seen


def organise_keys(client):
    name = "python-" + uuid.uuid4().hex[:8]
    key = first(client.create_key(INSTANCE, key_body(name=name, extractable=False, aliases=[name])))["id"]
    seen = {"id": key}
    seen["alias"] = client.create_key_alias(name, name + "-2", INSTANCE).get_status_code()
    seen["named"] = first(client.get_key_metadata(name + "-2", INSTANCE))["id"]
    client.delete_key_alias(key, name + "-2", INSTANCE)
    client.create_key_ring(name, INSTANCE)
    seen["moved"] = first(client.patch_key(key, INSTANCE, key_patch_body=json.dumps({"keyRingID": name})))
    seen["isListed"] = name in [ring["id"] for ring in client.list_key_rings(INSTANCE).get_result()["resources"]]
    seen["ringInUse"] = refusal(lambda: client.delete_key_ring(name, INSTANCE))
    policy = {"type": POLICY_TYPE, "rotation": {"enabled": True, "interval_month": 2}}
    client.put_policy(key, INSTANCE, envelope(POLICY_TYPE, policy))
    seen["policies"] = client.get_policy(key, INSTANCE).get_result()["resources"]
    found = client.get_keys(INSTANCE, search=name, filter="extractable=false state=1", sort="-creationDate")
    seen["found"] = [entry["id"] for entry in found.get_result()["resources"]]
    seen["registrations"] = client.get_registrations(key, INSTANCE, total_count=True).get_result()["metadata"]
    return seen


def import_token(client):
    made = client.post_import_token(INSTANCE, expiration=600.0, max_allowed_retrievals=2.0).get_result()
    read = client.get_import_token(INSTANCE).get_result()
    pem = base64.b64decode(read["payload"]).decode()
    return {
        "made": made,
        "remaining": read["remainingRetrievals"],
        "nonceBytes": len(base64.b64decode(read["nonce"])),
        "pem": pem.splitlines()[0],
    }


STORIES = {"life": life_of_keys, "organise": organise_keys, "import": import_token}

print(json.dumps(STORIES[sys.argv[1]](connect())))
