"""Runs steps with the job API of the official Python SDK, and prints their results as one JSON object.

Usage: python-sdk-driver.py ENDPOINT GUARDED_ENDPOINT TOKEN
The first endpoint has the buckets `demo` and `aws://cloud` and requires no token. The second one requires TOKEN.
"""

import json
import sys
from datetime import datetime, timedelta, timezone

from aistore.sdk import Client

STEPS = {}


def step(function):
    """Registers a step under the name of its function."""
    STEPS[function.__name__] = function
    return function


def bucket_with(client, name, objects):
    """Creates a bucket with the given number of small objects."""
    bucket = client.bucket(name).create()
    for i in range(objects):
        bucket.object(f"obj-{i:03}").get_writer().put_content(b"x" * 100)
    return bucket


def outcome(result):
    """Returns a WaitResult as plain data."""
    return {
        "success": result.success,
        "error": result.error or "",
        "ended": result.end_time is not None,
    }


@step
def start_and_wait(client, kind):
    """Starts a job of the kind, waits for its end, and queries it in all ways."""
    buckets = [] if kind == "rebalance" else [client.bucket("demo")]
    before = datetime.now(timezone.utc) - timedelta(days=1)
    job_id = client.job(job_kind=kind).start(buckets=buckets)
    job = client.job(job_id, kind)
    waited = outcome(job.wait(timeout=8, verbose=False))
    status = job.status()
    details = job.get_details()
    return {
        "waited": waited,
        "status": {"same": status.uuid == job_id, "ended": status.end_time > 0},
        "targets": len(details.root),
        "total": job.get_total_time().total_seconds() > 0,
        "found": len(job.get_within_timeframe(before)),
    }


@step
def wait_by_id_only(client, _):
    """Without a kind, the SDK queries the kind first."""
    job_id = client.job(job_kind="lru").start(buckets=[client.bucket("demo")])
    job = client.job(job_id)
    return {**outcome(job.wait(timeout=8, verbose=False)), "kind": job.job_kind}


@step
def wait_single_node(client, _):
    """A resilver runs on one target."""
    target = sorted(client.cluster().get_info().tmap)[0]
    job_id = client.job(job_kind="resilver").start(daemon_id=target)
    job = client.job(job_id, "resilver")
    return {**outcome(job.wait_single_node(timeout=8, verbose=False)), "targets": list(job.get_details().root) == [target]}


@step
def wait_for_idle(client, _):
    """Archive is an idle kind, so the SDK waits for it by its snapshots."""
    client.bucket("shards").create()
    names = client.bucket("demo").objects(obj_template="obj-{0000..0099}")
    (job_id,) = names.archive("a.tar", to_bck=client.bucket("shards"))
    job = client.job(job_id, "archive")
    waited = outcome(job.wait_for_idle(timeout=8, verbose=False))
    return {**waited, "again": outcome(job.wait(timeout=8, verbose=False)), "total": job.get_total_time()}


@step
def abort(client, _):
    """A stopped copy does not succeed."""
    job_id = client.bucket("demo").copy(client.bucket("aborted"))
    job = client.job(job_id, "copy-bck")
    job.abort()
    return outcome(job.wait(timeout=4, verbose=False))


@step
def copy_bucket(client, _):
    """A copy creates its destination bucket."""
    job_id = client.bucket("demo").copy(client.bucket("copied"))
    waited = outcome(client.job(job_id, "copy-bck").wait(timeout=8, verbose=False))
    return {**waited, "there": "copied" in [bucket.name for bucket in client.cluster().list_buckets()]}


@step
def delete_objects(client, _):
    """Deletes half of the objects of a bucket."""
    bucket = bucket_with(client, "put", 20)
    job_id = bucket.objects(obj_template="obj-{000..009}").delete()
    job = client.job(job_id, "delete-listrange")
    waited = outcome(job.wait(timeout=8, verbose=False))
    snaps = job.get_details().list_snapshots()
    return {**waited, "objects": sum(snap.stats.objects for snap in snaps)}


@step
def lists(client, _):
    """Lists the running jobs, and the statuses that the proxies know."""
    job_id = client.job(job_kind="rebalance").start()
    running = client.cluster().list_running_jobs()
    statuses = client.cluster().list_jobs_status(job_kind="rebalance")
    client.job(job_id, "rebalance").wait(timeout=8, verbose=False)
    return {"running": f"rebalance[{job_id}]" in running, "known": job_id in [status.uuid for status in statuses]}


@step
def ready(client, _):
    """Checks the health of the primary."""
    return client.cluster().is_ready()


@step
def timeout(client, _):
    """A wait that times out."""
    job_id = client.job(job_kind="rebalance").start()
    job = client.job(job_id, "rebalance")
    try:
        job.wait(timeout=0, verbose=False)
    finally:
        job.wait(timeout=8, verbose=False)


@step
def unknown_id(client, _):
    client.job("Abcdefghi", "lru").status()


@step
def unknown_snapshots(client, _):
    client.job("Abcdefghi", "lru").get_details()


@step
def bad_kind(client, _):
    client.job(job_kind="nosuchkind").start()


@step
def second_rebalance(client, _):
    job_id = client.job(job_kind="rebalance").start()
    try:
        client.job(job_kind="rebalance").start()
    finally:
        client.job(job_id, "rebalance").wait(timeout=8, verbose=False)


@step
def bucket_twice(client, _):
    client.bucket("demo").create()


@step
def missing_bucket(client, _):
    client.job(job_kind="rechunk").start(buckets=[client.bucket("nosuch")])


def job_of(client, job_id, kind):
    """Waits for a job and returns its outcome, the kind in its snapshots, and the prefix of its id."""
    job = client.job(job_id, kind)
    waited = outcome(job.wait(timeout=8, verbose=False))
    snaps = job.get_details().list_snapshots()
    return {**waited, "kind": sorted({snap.kind for snap in snaps}), "prefix": job_id.split("-")[0] if "-" in job_id else ""}


@step
def copy_objects(client, _):
    """Copies of objects share an idle job."""
    names = client.bucket("demo").objects(obj_template="obj-{0000..0099}")
    ids = names.copy(client.bucket("copies"))
    again = names.copy(client.bucket("copies"))
    return {"one": len(ids) == 1, "shared": ids == again, **job_of(client, ids[0], "copy-listrange")}


@step
def archive_objects_by_names(client, _):
    client.bucket("shards").create(exist_ok=True)
    ids = client.bucket("demo").objects(obj_names=["obj-00001", "obj-00002"]).archive("b.tar", to_bck=client.bucket("shards"))
    return job_of(client, ids[0], "archive")


@step
def rename_bucket(client, _):
    bucket = client.bucket("old-name").create()
    job_id = bucket.rename("new-name")
    found = job_of(client, job_id, "move-bck")
    return {**found, "there": "new-name" in [known.name for known in client.cluster().list_buckets()]}


@step
def promote_directory(client, _):
    job_id = client.bucket("demo").object("prom").promote("/var/lib/ais/promote/dir", recursive=True)
    return job_of(client, job_id, "promote")


@step
def promote_elsewhere(client, _):
    client.bucket("demo").object("prom").promote("/etc", recursive=True)


@step
def list_objects(client, _):
    """Pages of names are MessagePack, and the listing is a job of an idle kind."""
    names = [entry.name for entry in client.bucket("demo").list_all_objects(page_size=1000)]
    kinds = {ref.split("[")[0] for ref in client.cluster().list_running_jobs("list")}
    return {"names": len(names) >= 3000, "sorted": names == sorted(names), "unique": len(set(names)) == len(names), "running": list(kinds)}


@step
def list_job_idles(client, _):
    client.bucket("demo").list_objects(page_size=10)
    snaps = client.job(job_kind="list").get_details().list_snapshots()
    job = client.job(snaps[-1].id, "list")
    return outcome(job.wait_for_idle(timeout=8, verbose=False))


@step
def bucket_summary(client, _):
    summary = client.bucket("demo").summary()
    return {"name": summary["name"], "objects": int(summary["ObjCount"]["obj_count_present"]) >= 3000}


@step
def list_statuses(client, _):
    job_id = client.job(job_kind="cleanup-store").start()
    client.job(job_id, "cleanup-store").wait(timeout=8, verbose=False)
    known = {status.uuid for status in client.cluster().list_jobs_status()}
    return {"known": job_id in known, "none": client.cluster().list_jobs_status(job_kind="nosuchkind")}


@step
def abort_by_kind(client, _):
    job_id = client.job(job_kind="rebalance").start()
    client.job(job_kind="rebalance").abort()
    return outcome(client.job(job_id, "rebalance").wait(timeout=8, verbose=False))


@step
def abort_idle(client, _):
    client.bucket("shards2").create()
    (job_id,) = client.bucket("demo").objects(obj_template="obj-{0000..0099}").archive("c.tar", to_bck=client.bucket("shards2"))
    job = client.job(job_id, "archive")
    job.abort()
    return outcome(job.wait(timeout=8, verbose=False))


@step
def total_while_running(client, _):
    job_id = client.job(job_kind="rebalance").start()
    job = client.job(job_id, "rebalance")
    total = job.get_total_time()
    job.wait(timeout=8, verbose=False)
    return total


@step
def lru_forced(client, _):
    job_id = client.job(job_kind="lru").start(force=True, buckets=[client.bucket("demo"), client.bucket("copied")])
    return outcome(client.job(job_id, "lru").wait(timeout=8, verbose=False))


@step
def display_name(client, _):
    """The server accepts display names in a start, and reports the name of the kind."""
    job_id = client.job(job_kind="cleanup").start()
    job = client.job(job_id)
    return {**outcome(job.wait(timeout=8, verbose=False)), "kind": job.job_kind}


@step
def comma_list(client, _):
    job_id = client.job(job_kind="cleanup-store").start()
    details = client.job(f"Abcdefghi,{job_id}").get_details()
    return {snap.id == job_id for snap in details.list_snapshots()} == {True}


@step
def status_without_id(client, _):
    client.job(job_kind="lru").status()


@step
def abort_of_nothing(client, _):
    client.job().abort()


@step
def wait_without_id(client, _):
    client.job(job_kind="lru").wait(timeout=1, verbose=False)


@step
def wait_unknown_id(client, _):
    client.job("Abcdefghi").wait(timeout=1, verbose=False)


@step
def timeframe_of_nothing(client, _):
    client.job(job_kind="lru").get_within_timeframe(datetime.now(timezone.utc) + timedelta(days=1))


@step
def timeframe_malformed_id(client, _):
    client.job("bad").get_within_timeframe(datetime.now(timezone.utc))


@step
def wait_single_node_timeout(client, _):
    job_id = client.job(job_kind="rebalance").start()
    job = client.job(job_id, "rebalance")
    try:
        job.wait_single_node(timeout=0, verbose=False)
    finally:
        job.wait(timeout=8, verbose=False)


@step
def wait_for_idle_timeout(client, _):
    job_id = client.job(job_kind="rebalance").start()
    job = client.job(job_id, "rebalance")
    try:
        job.wait_for_idle(timeout=0, verbose=False)
    finally:
        job.wait(timeout=8, verbose=False)


@step
def copy_missing_bucket(client, _):
    client.bucket("nosuch").copy(client.bucket("other"))


@step
def copy_objects_of_missing_bucket(client, _):
    client.bucket("nosuch").objects(obj_names=["a"]).copy(client.bucket("other"))


@step
def list_missing_bucket(client, _):
    client.bucket("nosuch").list_objects()


@step
def evict_ais_bucket(client, _):
    client.bucket("demo").evict()


@step
def prefetch_ais_objects(client, _):
    client.bucket("demo").objects(obj_names=["a"]).prefetch()


@step
def evict_cloud_bucket(client, _):
    client.bucket("cloud", provider="aws").evict(keep_md=True)


@step
def prefetch_cloud_objects(client, _):
    job_id = client.bucket("cloud", provider="aws").objects(obj_template="obj-{000..099}").prefetch()
    return job_of(client, job_id, "prefetch-listrange")


@step
def evict_cloud_objects(client, _):
    job_id = client.bucket("cloud", provider="aws").objects(obj_template="obj-{000..099}").evict()
    return job_of(client, job_id, "evict-listrange")


@step
def blob_download(client, _):
    """The proxy redirects the request to a target, and only this target runs the job."""
    job_id = client.bucket("cloud", provider="aws").object("obj-00007").blob_download()
    job = client.job(job_id, "blob-download")
    return {**outcome(job.wait(timeout=8, verbose=False)), "targets": len(job.get_details().root)}


@step
def create_inventory(client, _):
    job_id = client.bucket("cloud", provider="aws").create_inventory()
    return job_of(client, job_id, "create-inventory")


@step
def transforms(client, _):
    client.cluster().list_etls()


def attempt(function, client, argument=None):
    """Returns the value of a step, or the name, status and message of its exception."""
    try:
        return {"value": function(client, argument)}
    except Exception as error:  # any exception of the SDK is a result
        return {
            "raises": type(error).__name__,
            "status": getattr(error, "status_code", None),
            "message": str(error)[:300],
        }


def main(endpoint, guarded, token):
    client = Client(endpoint)
    kinds = ["lru", "cleanup-store", "rechunk", "rebalance", "load-lom-cache"]
    results = {f"start_and_wait {kind}": attempt(start_and_wait, client, kind) for kind in kinds}
    for name, function in STEPS.items():
        if name != "start_and_wait":
            results[name] = attempt(function, client)

    def query(guarded_client, _):
        return len(guarded_client.job(job_kind="lru").get_details().root)

    results["token missing"] = attempt(query, Client(guarded))
    results["token wrong"] = attempt(query, Client(guarded, token="wrong"))
    results["token right"] = attempt(query, Client(guarded, token=token))
    print(json.dumps(results))


main(*sys.argv[1:])
