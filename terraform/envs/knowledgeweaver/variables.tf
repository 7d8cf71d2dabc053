variable "environment" {
  description = "Name of the environment; the Terraform workspace has the same."
  type        = string

  validation {
    condition     = contains(["dev", "staging", "prod"], var.environment)
    error_message = "environment is \"dev\", \"staging\" or \"prod\", for example environment = \"dev\"."
  }

  validation {
    condition     = terraform.workspace == var.environment
    error_message = "environment is \"${var.environment}\" but the Terraform workspace is \"${terraform.workspace}\": choose the workspace that the variables file is for, for example TF_WORKSPACE=${var.environment}."
  }
}

variable "region" {
  description = "AWS region of everything here."
  type        = string
  default     = "ap-southeast-2"

  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.region))
    error_message = "region is the name of an AWS region, for example \"ap-southeast-2\"."
  }
}

variable "image" {
  description = "Image of the application; the pipeline sets it to the git tree hash of app/."
  type        = string

  validation {
    condition     = can(regex("^[0-9]{12}\\.dkr\\.ecr\\.[a-z0-9-]+\\.amazonaws\\.com/[a-z0-9/_-]+(:[0-9a-f]{40}|@sha256:[0-9a-f]{64})$", var.image))
    error_message = "image is an ECR reference with a git tree hash as its tag, for example \"123456789012.dkr.ecr.ap-southeast-2.amazonaws.com/knowledgeweaver:4b825dc642cb6eb9a060e54bf8d69288fbee4904\"."
  }
}

variable "network" {
  description = "Address plan, NAT and which connections are recorded (ALL, REJECT, none); see the vpc module."
  type = object({
    cidr      = optional(string, "10.0.0.0/16")
    nat       = optional(string, "gateway")
    flow_logs = optional(string, "ALL")
    zones = optional(list(object({
      suffix  = string
      public  = string
      private = string
      })), [
      { suffix = "a", public = "10.0.1.0/24", private = "10.0.2.0/24" },
      { suffix = "b", public = "10.0.3.0/24", private = "10.0.4.0/24" },
    ])
  })
  default = {}
}

variable "tls" {
  description = "HTTPS with an ACM certificate, or plain HTTP where allowed (never in prod); see the alb module."
  type = object({
    certificate_arn  = optional(string)
    domain           = optional(string)
    allow_plain_http = optional(bool, false)
  })

  validation {
    condition     = var.environment != "prod" || var.tls.certificate_arn != null
    error_message = "tls.certificate_arn is needed in prod, for example tls = { certificate_arn = \"arn:aws:acm:ap-southeast-2:123456789012:certificate/12345678-1234-1234-1234-123456789012\" }."
  }
}

variable "service" {
  description = "The application's tasks: size, scaling, and how a rollout proceeds; see the ecs module. deregistration_seconds: time for running requests to end."
  type = object({
    cpu                    = optional(number, 512)
    memory                 = optional(number, 1024)
    architecture           = optional(string, "ARM64")
    min                    = optional(number, 2)
    max                    = optional(number, 6)
    cpu_percent            = optional(number, 60)
    requests_per_minute    = optional(number, 600)
    spot_percent           = optional(number, 0)
    on_demand              = optional(number, 0)
    grace_seconds          = optional(number, 120)
    stop_seconds           = optional(number, 30)
    deregistration_seconds = optional(number, 30)
    health_seconds         = optional(number, 15)
  })
  default = {}
}

variable "bedrock_models" {
  description = "Models of Amazon Bedrock that the application may call, the first of which reads documents and answers; see the ecs module. Empty: none, it goes by rules."
  type        = list(string)
  default     = []
}

variable "graph_store" {
  description = "The Neo4j instance, see the neo4j module; days between two rotations of its password, 0 for never, and the snapshot that its data come back from (docs/recovery.md)."
  type = object({
    type          = optional(string, "t3.medium")
    data_gib      = optional(number, 20)
    rotation_days = optional(number, 30)
    restore_from  = optional(string)
  })
  default = {}

  validation {
    condition     = var.graph_store.rotation_days >= 0 && var.graph_store.rotation_days <= 1000 && floor(var.graph_store.rotation_days) == var.graph_store.rotation_days
    error_message = "graph_store.rotation_days is a whole number from 1 to 1000, or 0 for never, for example graph_store = { rotation_days = 30 }."
  }
}

variable "base_image" {
  description = "Name of the Amazon Linux 2023 image that instances start from, without the processor at its end. Pinned, so that a new release is a reviewed change and not a surprise."
  type        = string
  default     = "al2023-ami-2023.12.20260930.0-kernel-6.12"

  validation {
    condition     = can(regex("^al2023-ami-2023\\.[0-9.]+-kernel-[0-9.]+$", var.base_image))
    error_message = "base_image is an Amazon Linux 2023 image without its processor, for example \"al2023-ami-2023.12.20260930.0-kernel-6.12\"."
  }
}

variable "keep" {
  description = "What must not be lost: protect refuses deletion of the load balancer, the graph store and filled buckets; secret_recovery_days and old_document_versions_days (0: for ever) as in their modules."
  type = object({
    protect                    = optional(bool, true)
    secret_recovery_days       = optional(number, 30)
    old_document_versions_days = optional(number, 90)
  })
  default = {}

  validation {
    condition     = var.environment != "prod" || var.keep.secret_recovery_days >= 7
    error_message = "keep.secret_recovery_days is at least 7 in prod, for example keep = { secret_recovery_days = 30 }."
  }
}

variable "api_key_generation" {
  description = "Raise by one for a new API key of the application; the service is rolled to take it."
  type        = number
  default     = 1
}

variable "phoenix" {
  description = "Where traces are kept and looked at, and its task; storage \"efs\" is cheap and for development, \"rds\" a database; see the phoenix module. secret_generation: raise by one for new secrets, its database's password among them. restore_from: snapshot that the database comes back from (docs/recovery.md)."
  type = object({
    image             = optional(string)
    cpu               = optional(number, 512)
    memory            = optional(number, 1024)
    storage           = optional(string, "rds")
    instance          = optional(string, "db.t4g.micro")
    gib               = optional(number, 20)
    multi_az          = optional(bool, false)
    backup_days       = optional(number, 7)
    trace_days        = optional(number, 30)
    secret_generation = optional(number, 1)
    restore_from      = optional(string)
  })
  default = {}

  validation {
    condition     = var.environment != "prod" || var.phoenix.storage == "rds"
    error_message = "phoenix.storage is \"rds\" in prod, for example phoenix = { storage = \"rds\" }."
  }
}

variable "observability" {
  description = "Days that logs are kept, days that the load balancer's access logs are kept (0: it writes none), who gets alarms by e-mail (null: nobody), whether alerts are encrypted with a key of our own, Container Insights, and the alarms' thresholds."
  type = object({
    log_days           = optional(number, 30)
    access_log_days    = optional(number, 90)
    alert_email        = optional(string)
    encrypt_alerts     = optional(bool, true)
    container_insights = optional(string, "enabled")
    thresholds = optional(object({
      error_percent        = optional(number, 5)
      p95_seconds          = optional(number, 2)
      cpu_percent          = optional(number, 80)
      neo4j_memory_percent = optional(number, 85)
    }), {})
  })
  default = {}
}

variable "backup" {
  description = "For how many days nightly and weekly backups are kept, and the vault's lock (null: none); see the backup module."
  type = object({
    daily_days  = optional(number, 35)
    weekly_days = optional(number, 90)
    lock = optional(object({
      min_days         = optional(number, 7)
      max_days         = optional(number, 365)
      final_after_days = optional(number)
    }))
  })
  default = {}
}
