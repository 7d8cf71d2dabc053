"""What a configuration may use: lists of what is allowed, each with its reason.

What is on no list is refused, whatever a new version of Terraform or of a provider brings. A
stack may be allowed more by ``[guard]`` in its stack.toml (see :class:`Allowance`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

#: Blocks that may stand in a file (Terraform 1.11: "Configuration Language"; with OpenTofu's,
#: actions and queries of later versions left out).
BLOCKS = frozenset(
    "check data ephemeral import locals module moved output provider removed resource terraform "
    "variable".split()
)
#: Inside ``terraform``: no experiments, no metadata for providers, no other backend or cloud.
TERRAFORM_ARGUMENTS = frozenset({"required_version"})
TERRAFORM_BLOCKS = frozenset({"required_providers", "backend"})
#: All else about the backend is the pipeline's to say.
BACKEND_ARGUMENTS = frozenset({"use_lockfile"})
REQUIRED_PROVIDER = frozenset({"source", "version", "configuration_aliases"})

#: Arguments of a provider that choose neither credentials nor whom it speaks to. A region becomes
#: part of a host name, so the provider has to go on checking it: no ``skip_region_validation``.
PROVIDER_ARGUMENTS = frozenset(
    "alias allowed_account_ids forbidden_account_ids max_retries region retry_mode "
    "s3_us_east_1_regional_endpoint s3_use_path_style skip_credentials_validation "
    "skip_metadata_api_check skip_requesting_account_id token_bucket_rate_limiter_capacity "
    "use_dualstack_endpoint use_fips_endpoint version".split()
)
PROVIDER_BLOCKS = {
    "default_tags": frozenset({"tags"}),
    "ignore_tags": frozenset({"keys", "key_prefixes"}),
}

#: Functions of Terraform 1.11 that read no file (``terraform metadata functions``). Templates of
#: ``templatestring`` may not call those that do: Terraform refuses that itself.
FUNCTIONS = frozenset(
    "abs abspath alltrue anytrue base64decode base64encode base64gzip base64sha256 base64sha512 "
    "basename bcrypt can ceil chomp chunklist cidrhost cidrnetmask cidrsubnet cidrsubnets coalesce "
    "coalescelist compact concat contains csvdecode dirname distinct element endswith "
    "ephemeralasnull flatten floor format formatdate formatlist indent index issensitive join "
    "jsondecode jsonencode keys length list log lookup lower map matchkeys max md5 merge min "
    "nonsensitive one parseint pathexpand plantimestamp pow range regex regexall replace reverse "
    "rsadecrypt sensitive setintersection setproduct setsubtract setunion sha1 sha256 sha512 "
    "signum slice sort split startswith strcontains strrev substr sum templatestring "
    "textdecodebase64 textencodebase64 timeadd timecmp timestamp title tobool tolist tomap "
    "tonumber toset tostring transpose trim trimprefix trimspace trimsuffix try type upper "
    "urlencode uuid uuidv5 values yamldecode yamlencode zipmap".split()
)
#: Providers whose functions only compute.
FUNCTION_PROVIDERS = ("provider::aws::", "provider::terraform::")

#: Data sources that describe. Left out is whatever hands on secrets, environment variables, user
#: data or contents that somebody stored, runs something, or asks anybody but AWS.
DATA_SOURCES = frozenset(
    """
    aws_acm_certificate aws_ami aws_ami_ids aws_arn aws_autoscaling_group aws_autoscaling_groups
    aws_availability_zone aws_availability_zones aws_backup_vault aws_billing_service_account
    aws_caller_identity aws_canonical_user_id aws_cloudfront_cache_policy
    aws_cloudfront_distribution aws_cloudfront_log_delivery_canonical_user_id
    aws_cloudfront_origin_access_identities aws_cloudfront_origin_access_identity
    aws_cloudfront_origin_request_policy aws_cloudfront_response_headers_policy
    aws_cloudtrail_service_account aws_cloudwatch_event_bus aws_cloudwatch_log_group
    aws_cloudwatch_log_groups aws_db_instance aws_db_instances aws_db_subnet_group
    aws_default_tags aws_dynamodb_table aws_ebs_default_kms_key aws_ebs_encryption_by_default
    aws_ebs_snapshot aws_ebs_snapshot_ids aws_ebs_volume aws_ebs_volumes
    aws_ec2_instance_type aws_ec2_instance_type_offering aws_ec2_instance_type_offerings
    aws_ec2_instance_types aws_ec2_managed_prefix_list aws_ec2_managed_prefix_lists
    aws_ec2_transit_gateway aws_ec2_transit_gateway_route_table
    aws_ec2_transit_gateway_vpc_attachment aws_ecr_image aws_ecr_lifecycle_policy_document
    aws_ecr_repositories aws_ecr_repository aws_ecs_cluster aws_ecs_service
    aws_efs_access_point aws_efs_access_points aws_efs_file_system aws_efs_mount_target aws_eip
    aws_eips aws_eks_addon_version aws_eks_cluster aws_eks_cluster_versions aws_eks_clusters
    aws_eks_node_group aws_eks_node_groups aws_elasticache_subnet_group aws_elb_hosted_zone_id
    aws_elb_service_account aws_guardduty_detector aws_iam_account_alias aws_iam_group
    aws_iam_instance_profile aws_iam_instance_profiles aws_iam_openid_connect_provider
    aws_iam_policy aws_iam_policy_document aws_iam_role aws_iam_roles aws_iam_session_context
    aws_iam_user aws_iam_users aws_internet_gateway aws_key_pair aws_kinesis_stream aws_kms_alias
    aws_kms_key aws_kms_public_key aws_lb aws_lb_hosted_zone_id aws_lb_listener
    aws_lb_target_group aws_lbs aws_nat_gateway aws_nat_gateways aws_network_acls
    aws_network_interface aws_network_interfaces aws_partition aws_prefix_list aws_rds_certificate
    aws_rds_cluster aws_rds_engine_version aws_rds_orderable_db_instance aws_region aws_regions
    aws_route aws_route53_zone aws_route53_zones aws_route_table aws_route_tables aws_s3_bucket
    aws_s3_bucket_policy aws_secretsmanager_secret aws_secretsmanager_secret_versions
    aws_secretsmanager_secrets aws_security_group aws_security_groups aws_service
    aws_service_principal aws_servicequotas_service_quota aws_sns_topic aws_sqs_queue
    aws_sqs_queues aws_subnet aws_subnets aws_vpc aws_vpc_dhcp_options aws_vpc_endpoint
    aws_vpc_endpoint_service aws_vpc_peering_connection aws_vpc_peering_connections
    aws_vpc_security_group_rule aws_vpc_security_group_rules aws_vpcs aws_wafv2_ip_set
    aws_wafv2_web_acl
    """.split()
)
#: Allowed where they name a parameter that AWS itself publishes, such as the newest images.
PARAMETERS = {"aws_ssm_parameter": "name", "aws_ssm_parameters_by_path": "path"}
PUBLIC_PARAMETER = "/aws/service/"
#: Refused whatever ``[guard]`` says: they run programs, ask any host or read another unit's state.
NEVER = frozenset({"external", "http", "terraform_remote_state"})

#: Ephemeral resources are made for secrets; these invent them.
EPHEMERAL = frozenset({"aws_secretsmanager_random_password", "random_password"})

#: What may be imported: reading the object gives back nothing that the lists above leave out.
IMPORTS = frozenset(
    """
    aws_acm_certificate aws_appautoscaling_policy aws_appautoscaling_target aws_autoscaling_group
    aws_backup_plan aws_backup_selection aws_backup_vault aws_budgets_budget aws_cloudtrail
    aws_cloudwatch_event_bus aws_cloudwatch_event_rule aws_cloudwatch_log_group
    aws_cloudwatch_log_metric_filter aws_cloudwatch_metric_alarm aws_db_instance
    aws_db_parameter_group aws_db_subnet_group aws_default_network_acl aws_default_route_table
    aws_default_security_group aws_default_subnet aws_default_vpc aws_dynamodb_table
    aws_ebs_volume aws_ec2_managed_prefix_list aws_ecr_lifecycle_policy aws_ecr_repository
    aws_ecr_repository_policy aws_ecs_cluster aws_ecs_cluster_capacity_providers aws_ecs_service
    aws_efs_access_point aws_efs_backup_policy aws_efs_file_system aws_efs_mount_target
    aws_egress_only_internet_gateway aws_eip aws_flow_log aws_guardduty_detector
    aws_iam_account_alias aws_iam_account_password_policy aws_iam_group aws_iam_instance_profile
    aws_iam_openid_connect_provider aws_iam_policy aws_iam_role aws_iam_role_policy
    aws_iam_role_policy_attachment aws_iam_service_linked_role aws_iam_user aws_internet_gateway
    aws_key_pair aws_kms_alias aws_kms_key aws_lb aws_lb_listener aws_lb_listener_certificate
    aws_lb_listener_rule aws_lb_target_group aws_nat_gateway aws_network_acl aws_network_acl_rule
    aws_rds_cluster aws_rds_cluster_parameter_group aws_route aws_route53_record aws_route53_zone
    aws_route_table aws_route_table_association aws_s3_account_public_access_block aws_s3_bucket
    aws_s3_bucket_acl aws_s3_bucket_cors_configuration aws_s3_bucket_lifecycle_configuration
    aws_s3_bucket_logging aws_s3_bucket_notification aws_s3_bucket_ownership_controls
    aws_s3_bucket_policy aws_s3_bucket_public_access_block
    aws_s3_bucket_server_side_encryption_configuration aws_s3_bucket_versioning
    aws_s3_bucket_website_configuration aws_security_group aws_security_group_rule aws_sns_topic
    aws_sns_topic_policy aws_sqs_queue aws_sqs_queue_policy aws_subnet aws_vpc
    aws_vpc_dhcp_options aws_vpc_endpoint aws_vpc_security_group_egress_rule
    aws_vpc_security_group_ingress_rule null_resource random_id random_integer random_pet
    random_string random_uuid terraform_data
    """.split()
)


@dataclass(frozen=True, slots=True)
class Allowance:
    """``[guard]`` of a stack on the default branch: what it may use beyond these lists.

    ``functions`` may also take paths that are computed; what is written out is judged as ever.
    ``file_arguments`` may name files that do not decide the unit.
    ``where`` is its file and line.
    """

    data_sources: frozenset[str] = frozenset()
    imports: frozenset[str] = frozenset()
    provider_arguments: frozenset[str] = frozenset()
    functions: frozenset[str] = frozenset()
    file_arguments: frozenset[str] = frozenset()
    expires: date = date.max
    where: str = ""


NOTHING_MORE = Allowance()
