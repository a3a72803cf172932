"""Waits for many jobs with the Python SDK, one thread per wait; exchanges lines of JSON like programs/waits.ts."""

import json
import resource
import sys
import threading
import time

from aistore.sdk import Client


def cpu_ms():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return (usage.ru_utime + usage.ru_stime) * 1000


def peak_bytes():
    # Like in programs/cost.ts: a process inherits the peak of getrusage from its parent.
    try:
        with open("/proc/self/status", encoding="utf8") as status:
            for line in status:
                if line.startswith("VmHWM:"):
                    return int(line.split()[1]) * 1024
    except OSError:
        pass
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def main():
    cpu_of_imports = cpu_ms()
    print(json.dumps({"ready": True}), flush=True)
    order = json.loads(sys.stdin.readline())
    jobs = order["jobs"]
    # The client's own pool of ten connections would drop and reopen connections under so many threads.
    client = Client(order["endpoint"], max_pool_size=max(10, len(jobs)))
    started = [0.0] * len(jobs)
    answered = [0.0] * len(jobs)
    failed = [0] * len(jobs)

    def wait(i):
        started[i] = time.time() * 1000
        try:
            result = client.job(job_id=jobs[i]["id"], job_kind=jobs[i]["kind"]).wait(timeout=300, verbose=False)
            failed[i] = 0 if result.success else 1
        except Exception:  # pylint: disable=broad-except
            failed[i] = 1
        answered[i] = time.time() * 1000

    threads = [threading.Thread(target=wait, args=(i,)) for i in range(len(jobs))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    report = {"startedAtMs": started, "answeredAtMs": answered, "failed": sum(failed)}
    print(json.dumps({**report, "cpuMs": cpu_ms() - cpu_of_imports, "peakBytes": peak_bytes()}), flush=True)


main()
