"""Launches each job that the official Python SDK can launch, once. Usage: python-sdk-launches.py ENDPOINT"""

import sys

from aistore.sdk import Client
from aistore.sdk.multiobj import ObjectRange
from aistore.sdk.provider import Provider

client = Client(sys.argv[1], max_pool_size=1)
src = client.bucket("src")
dst = client.bucket("dst")
cloud = client.bucket("data", provider=Provider.GOOGLE)
names = src.objects(obj_names=["a", "b/c"])
some = src.objects(obj_range=ObjectRange("o-", 0, 9, pad_width=3, step=2, suffix=".tar"))
remote = cloud.objects(obj_names=["a", "b/c"])

src.copy(dst)
src.copy(dst, prefix_filter="a/", prepend="p/", ext={"jpg": "txt"}, dry_run=True, force=True, num_workers=-1)
src.copy(dst, latest=True, sync=True)
client.bucket("src").rename("other")
src.transform("md5", dst, timeout="30s", prefix_filter="a/", cont_on_err=True, etl_pipeline=["x"])
cloud.evict(keep_md=True)
cloud.evict(keep_md=False)
cloud.create_inventory(name="n-1", prefix="a/", props="size,checksum", names_per_chunk=100, force=True)
names.copy(dst, prepend="p/", continue_on_error=True, num_workers=4)
some.copy(dst)
some.transform(dst, "md5", timeout="30s", ext={"jpg": "txt"})
names.delete()
some.delete()
remote.prefetch(blob_threshold=2**30, num_workers=4, latest=True, continue_on_error=True)
remote.evict()
some.archive("x.tar", to_bck=dst, include_source_name=True, allow_append=True, continue_on_err=True)
src.object("p/").promote("/var/lib/ais/promote/x", target_id="t1", recursive=True, overwrite_dest=True, src_not_file_share=True)
cloud.object("big").blob_download(chunk_size=2**20, num_workers=4, latest=True)
