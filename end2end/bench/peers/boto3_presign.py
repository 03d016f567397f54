"""How long boto3 takes to sign a URL; JSON, microseconds."""

import json
import time

import boto3

client = boto3.client("s3")
took = []
for n in range(5_500):
    key = f"recordings/dock/2026-11-20/recording_{n:06}.mp4"
    parameters = {
        "Bucket": "gatehouse", "Key": key, "ResponseCacheControl": "no-store", "ResponseContentDisposition": f'attachment; filename="{n}.mp4"',
    }
    began = time.perf_counter()
    client.generate_presigned_url("get_object", Params=parameters, ExpiresIn=7200)
    took.append(time.perf_counter() - began)
took = sorted(took[500:])
print(json.dumps({"p50_us": 1e6 * took[len(took) // 2], "p99_us": 1e6 * took[len(took) * 99 // 100]}))
