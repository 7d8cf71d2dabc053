"""The sandbox's AWS: moto in one process, with what it lacks added beside it.

:mod:`gateway` is the door, :mod:`access` decides who may do what, :mod:`gaps` holds what moto
lacks, :mod:`faults` and :mod:`control` what tests ask for, :mod:`saving` what survives a restart.
"""

import os

from sandbox.layout import ACCOUNT

# moto reads its settings while it is imported, so they stand before anything here imports it.
os.environ.update(
    {
        "MOTO_ACCOUNT_ID": ACCOUNT,
        "MOTO_IAM_LOAD_MANAGED_POLICIES": "true",  # 0.1 s; AWS-managed policies can be attached
        "MOTO_LAMBDA_STUB_ECR": "false",  # a function's image has to be in ECR
        "MOTO_ACM_VALIDATION_WAIT": "0",
        "MOTO_DISABLE_GLOBAL_CORS": "true",
        "S3_IGNORE_SUBDOMAIN_BUCKETNAME": "true",  # addresses are IP addresses: path style only
    }
)
