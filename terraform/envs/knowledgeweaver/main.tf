data "aws_caller_identity" "current" {}

data "aws_ami" "base" {
  for_each = toset(["arm64", "x86_64"])

  owners             = ["amazon"]
  include_deprecated = true

  filter {
    name   = "name"
    values = ["${var.base_image}-${each.key}"]
  }
}

locals {
  account = data.aws_caller_identity.current.account_id
  name    = "knowledgeweaver-${var.environment}"
  # Production carries the plain names that dashboards and runbooks know.
  plain    = var.environment == "prod" ? "knowledgeweaver" : local.name
  path     = var.environment == "prod" ? "knowledgeweaver" : "knowledgeweaver/${var.environment}"
  bucket   = "${local.name}-documents-${local.account}-${var.region}"
  boundary = "arn:aws:iam::${local.account}:policy/knowledgeweaver-workload-boundary"
  # Without a model the application reads and answers by rule.
  model = length(var.bedrock_models) == 0 ? {} : { KW_MODEL = var.bedrock_models[0], KW_MODEL_PROVIDER = "bedrock" }
}

module "vpc" {
  source = "../../modules/vpc"

  name    = local.name
  network = var.network
  nat_ami = data.aws_ami.base["arm64"].id
  flow_logs = {
    log_group      = "/${local.path}/flow-logs"
    traffic        = var.network.flow_logs
    retention_days = var.observability.log_days
  }
  permissions_boundary = local.boundary
}

module "alb" {
  source = "../../modules/alb"

  name                = local.name
  vpc_id              = module.vpc.vpc_id
  subnet_ids          = module.vpc.public_subnet_ids
  tls                 = var.tls
  deletion_protection = var.keep.protect
  target = {
    deregistration_seconds = var.service.deregistration_seconds
    interval_seconds       = var.service.health_seconds
    timeout_seconds        = min(5, var.service.health_seconds - 1)
  }
  access_logs = var.observability.access_log_days == 0 ? null : {
    bucket = "${local.name}-alb-logs-${local.account}-${var.region}"
    days   = var.observability.access_log_days
  }
}

module "documents" {
  source = "../../modules/documents"

  bucket = local.bucket
  queue = {
    name              = local.name
    consumer_role_arn = module.ecs.task_role_arn
  }
  disposable        = !var.keep.protect
  old_versions_days = var.keep.old_document_versions_days
}

module "secrets" {
  source = "../../modules/secrets"

  prefix             = local.path
  name               = local.name
  image              = var.image
  architecture       = var.service.architecture
  api_key_generation = var.api_key_generation
  phoenix_generation = var.phoenix.secret_generation
  recovery_days      = var.keep.secret_recovery_days
  database           = var.phoenix.storage == "rds" ? "${local.name}-phoenix" : null
  log_group = {
    name           = "/${local.path}/secrets"
    retention_days = var.observability.log_days
  }
  permissions_boundary = local.boundary
}

module "neo4j" {
  source = "../../modules/neo4j"

  name        = local.name
  environment = var.environment
  ami         = data.aws_ami.base["x86_64"].id
  instance = {
    type        = var.graph_store.type
    data_gib    = var.graph_store.data_gib
    protection  = var.keep.protect
    snapshot_id = var.graph_store.restore_from
  }
  network = {
    vpc_id      = module.vpc.vpc_id
    subnet_id   = module.vpc.private_subnet_ids[0]
    subnet_cidr = module.vpc.private_subnet_cidrs[0]
    zone        = module.vpc.zones[0]
  }
  client_security_group_id = module.ecs.security_group_id
  secret                   = module.secrets.neo4j
  logs = {
    prefix         = "/${local.path}/neo4j"
    retention_days = var.observability.log_days
  }
  permissions_boundary = local.boundary
}

module "rotation" {
  count  = var.graph_store.rotation_days == 0 ? 0 : 1
  source = "../../modules/rotation"

  name         = local.name
  image        = var.image
  architecture = var.service.architecture
  days         = var.graph_store.rotation_days
  secret       = module.secrets.neo4j
  graph_store = {
    uri               = module.neo4j.bolt_uri
    security_group_id = module.neo4j.security_group_id
  }
  network = {
    vpc_id     = module.vpc.vpc_id
    subnet_ids = module.vpc.private_subnet_ids
  }
  log_group = {
    name           = "/${local.path}/rotation"
    retention_days = var.observability.log_days
  }
  alarm = {
    prefix    = local.plain
    topic_arn = module.observability.topic_arn
  }
  permissions_boundary = local.boundary
}

module "ecs" {
  source = "../../modules/ecs"

  names = {
    cluster = local.plain
    prefix  = local.name
  }
  image = var.image
  size = {
    cpu          = var.service.cpu
    memory       = var.service.memory
    architecture = var.service.architecture
  }
  scaling = {
    min                 = var.service.min
    max                 = var.service.max
    cpu_percent         = var.service.cpu_percent
    requests_per_minute = var.service.requests_per_minute
    spot_percent        = var.service.spot_percent
    on_demand           = var.service.on_demand
  }
  rollout = {
    grace_seconds = var.service.grace_seconds
    stop_seconds  = var.service.stop_seconds
  }
  network = {
    vpc_id     = module.vpc.vpc_id
    subnet_ids = module.vpc.private_subnet_ids
  }
  load_balancer = {
    group_id                = module.alb.security_group_id
    arn_suffix              = module.alb.arn_suffix
    target_group_arn        = module.alb.target_group_arn
    target_group_arn_suffix = module.alb.target_group_arn_suffix
  }
  environment = merge(local.model, {
    AWS_REGION                 = var.region
    DOCUMENTS_BUCKET           = local.bucket
    DOCUMENTS_QUEUE_URL        = module.documents.queue_url
    KW_ENVIRONMENT             = var.environment
    NEO4J_SECRET_ID            = module.secrets.neo4j.name
    NEO4J_URI                  = module.neo4j.bolt_uri
    PHOENIX_COLLECTOR_ENDPOINT = module.phoenix.endpoint
    PHOENIX_PROJECT_NAME       = "knowledgeweaver"
  })
  secrets = {
    KW_API_KEY          = module.secrets.api_key.arn
    LANGFUSE_PUBLIC_KEY = "${module.secrets.langfuse.arn}:public_key::"
    LANGFUSE_SECRET_KEY = "${module.secrets.langfuse.arn}:secret_key::"
    NEO4J_PASSWORD      = "${module.secrets.neo4j.arn}:password::"
    NEO4J_USERNAME      = "${module.secrets.neo4j.arn}:username::"
    PHOENIX_API_KEY     = "${module.secrets.phoenix.arn}:admin_secret::"
  }
  # Tasks read their secrets when they start: a new key needs new tasks. The graph store's password they
  # read again when it was rotated.
  labels = {
    "api-key-generation" = tostring(var.api_key_generation)
    "phoenix-generation" = tostring(module.secrets.phoenix.generation)
  }
  secret_arns          = module.secrets.patterns
  injected_secret_arns = [module.secrets.phoenix.pattern]
  documents_bucket_arn = module.documents.arn
  bedrock_models       = var.bedrock_models
  log_group            = module.observability.log_group
  permissions_boundary = local.boundary
  container_insights   = var.observability.container_insights
}

module "phoenix" {
  source = "../../modules/phoenix"

  name    = local.name
  cluster = module.ecs.cluster_name
  image   = var.phoenix.image
  size = {
    cpu    = var.phoenix.cpu
    memory = var.phoenix.memory
  }
  network = {
    vpc_id          = module.vpc.vpc_id
    subnet_ids      = module.vpc.private_subnet_ids
    client_group_id = module.ecs.security_group_id
  }
  load_balancer = {
    group_id     = module.alb.security_group_id
    listener_arn = module.alb.listener_arn
    https        = var.tls.certificate_arn != null
  }
  storage = {
    kind        = var.phoenix.storage
    instance    = var.phoenix.instance
    gib         = var.phoenix.gib
    multi_az    = var.phoenix.multi_az
    backup_days = var.phoenix.backup_days
    protect     = var.keep.protect
    snapshot    = var.phoenix.restore_from
  }
  secret = module.secrets.phoenix
  logs = {
    group          = "/${local.path}/phoenix"
    retention_days = var.observability.log_days
  }
  trace_days           = var.phoenix.trace_days
  permissions_boundary = local.boundary
}

module "observability" {
  source = "../../modules/observability"

  prefix = local.plain
  log_group = {
    name           = "/${local.path}/api"
    retention_days = var.observability.log_days
  }
  alert_email    = var.observability.alert_email
  encrypt_alerts = var.observability.encrypt_alerts
  thresholds     = var.observability.thresholds
  watched = {
    environment        = var.environment
    cluster            = local.plain
    service            = module.ecs.service_name
    load_balancer      = module.alb.arn_suffix
    target_group       = module.alb.target_group_arn_suffix
    dead_letter_queue  = module.documents.dead_letter_queue_name
    container_insights = var.observability.container_insights != "disabled"
    nat                = module.vpc.nat
  }
  graph_store = {
    instance_id = module.neo4j.instance_id
    volume_id   = module.neo4j.volume_id
    log_group   = module.neo4j.log_groups["server"]
    metrics     = module.neo4j.metrics
  }
}

module "backup" {
  source = "../../modules/backup"

  name                 = local.name
  keep                 = { daily_days = var.backup.daily_days, weekly_days = var.backup.weekly_days }
  lock                 = var.backup.lock
  disposable           = !var.keep.protect
  topic_arn            = module.observability.topic_arn
  permissions_boundary = local.boundary
}
