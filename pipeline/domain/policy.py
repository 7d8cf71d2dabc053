"""Policies on what a plan does, as opposed to what it describes. No I/O.

CKV_KWD_5: nothing stateful is destroyed or replaced without the label ``allow-destroy``, set by
a code owner. docs/policies.md describes it beside the checkov rules.
"""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.domain.model import Action, Change, Finding, Plan, Severity

RULE = "CKV_KWD_5"
LABEL = "allow-destroy"

#: Types whose destruction loses data or something that cannot be made again as it was.
STATEFUL = frozenset(
    {
        "aws_backup_vault",
        "aws_cloudwatch_log_group",
        "aws_codecommit_repository",
        "aws_cognito_user_pool",
        "aws_cur_report_definition",
        "aws_dax_cluster",
        "aws_db_cluster_snapshot",
        "aws_db_instance",
        "aws_db_snapshot",
        "aws_directory_service_directory",
        "aws_docdb_cluster",
        "aws_dynamodb_global_table",
        "aws_dynamodb_table",
        "aws_ebs_snapshot",
        "aws_ebs_volume",
        "aws_ecr_repository",
        "aws_ecrpublic_repository",
        "aws_efs_file_system",
        "aws_elasticache_cluster",
        "aws_elasticache_replication_group",
        "aws_elasticache_serverless_cache",
        "aws_elasticsearch_domain",
        "aws_fsx_lustre_file_system",
        "aws_fsx_ontap_file_system",
        "aws_fsx_ontap_volume",
        "aws_fsx_openzfs_file_system",
        "aws_fsx_windows_file_system",
        "aws_glacier_vault",
        "aws_glue_catalog_database",
        "aws_glue_catalog_table",
        "aws_keyspaces_table",
        "aws_kinesis_stream",
        "aws_kms_external_key",
        "aws_kms_key",
        "aws_kms_replica_key",
        "aws_lightsail_database",
        "aws_memorydb_cluster",
        "aws_mq_broker",
        "aws_msk_cluster",
        "aws_msk_serverless_cluster",
        "aws_neptune_cluster",
        "aws_opensearch_domain",
        "aws_opensearchserverless_collection",
        "aws_qldb_ledger",
        "aws_rds_cluster",
        "aws_rds_global_cluster",
        "aws_redshift_cluster",
        "aws_redshiftserverless_namespace",
        "aws_route53_zone",
        "aws_s3_bucket",
        "aws_s3_directory_bucket",
        "aws_s3control_bucket",
        "aws_s3tables_table",
        "aws_s3tables_table_bucket",
        "aws_sagemaker_domain",
        "aws_sagemaker_notebook_instance",
        "aws_secretsmanager_secret",
        "aws_simpledb_domain",
        "aws_sqs_queue",
        "aws_storagegateway_gateway",
        "aws_timestreaminfluxdb_db_instance",
        "aws_timestreamwrite_database",
        "aws_timestreamwrite_table",
        "aws_workspaces_workspace",
    }
)


@dataclass(frozen=True, slots=True)
class Permission:
    """What the pull request's label says.

    ``by`` is who set it; ``owner`` whether that person owns the files that judge and set it for
    this very head. ``refused`` says in a sentence why a label does not count.
    """

    label: bool = False
    by: str = ""
    owner: bool = False
    refused: str = ""

    @property
    def granted(self) -> bool:
        return self.label and self.owner

    @property
    def excuse(self) -> str:
        """The words that stand beside an allowed destruction."""
        return f"label {LABEL} by {self.by}"


def destructive(change: Change) -> bool:
    """Whether a change destroys an object: a delete or a replacement."""
    return change.action in (Action.DELETE, Action.REPLACE)


def action_findings(plan: Plan, permission: Permission) -> list[Finding]:
    """One finding for each stateful object that the plan destroys or replaces."""
    return [
        Finding(
            tool="action-policy",
            rule=RULE,
            severity=Severity.ERROR,
            message=_sentence(change, permission),
            unit=str(plan.unit),
            address=change.address,
            remedy=f"Let a code owner set the label {LABEL}, or keep the object "
            "(a moved block where it only gets a new name).",
            excepted=permission.excuse if permission.granted else "",
        )
        for change in plan.changes
        if destructive(change) and change.type in STATEFUL
    ]


def _sentence(change: Change, permission: Permission) -> str:
    verb = "destroys" if change.action is Action.DELETE else "replaces"
    said = f"The plan {verb} {change.address}, and what it holds is lost."
    if permission.label and not permission.granted:
        said += f" {permission.refused}".rstrip()
    return said
