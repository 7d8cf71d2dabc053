variable "names" {
  description = "cluster and service as they show in ECS; prefix begins every other name, for example knowledgeweaver-dev."
  type = object({
    cluster = string
    service = optional(string, "knowledgeweaver-api")
    prefix  = string
  })
}

variable "image" {
  description = "Image of the application by its tag, the git tree hash of app/."
  type        = string

  validation {
    condition     = can(regex("^[0-9]{12}\\.dkr\\.ecr\\.[a-z0-9-]+\\.amazonaws\\.com/[a-z0-9/_-]+(:[0-9a-f]{40}|@sha256:[0-9a-f]{64})$", var.image))
    error_message = "image is an ECR reference with a git tree hash as its tag, for example \"123456789012.dkr.ecr.ap-southeast-2.amazonaws.com/knowledgeweaver:4b825dc642cb6eb9a060e54bf8d69288fbee4904\"."
  }
}

variable "size" {
  description = "Of one task: cpu in CPU units (1024 is one processor), memory in MiB, architecture ARM64 or X86_64."
  type = object({
    cpu          = optional(number, 512)
    memory       = optional(number, 1024)
    architecture = optional(string, "ARM64")
  })
  default = {}

  validation {
    condition     = contains([256, 512, 1024, 2048, 4096], var.size.cpu) && var.size.memory >= 2 * var.size.cpu && var.size.memory <= 8 * var.size.cpu
    error_message = "size.cpu is 256, 512, 1024, 2048 or 4096 and size.memory between twice and eight times that, for example { cpu = 512, memory = 1024 }."
  }

  validation {
    condition     = contains(["ARM64", "X86_64"], var.size.architecture)
    error_message = "size.architecture is \"ARM64\" or \"X86_64\", for example \"ARM64\"."
  }
}

variable "scaling" {
  description = "How many tasks: between min and max, following average CPU in percent and requests a minute and task (0: not followed). spot_percent of the tasks run on Fargate Spot, which costs about a third and which AWS takes back with two minutes' notice; the first on_demand ones never do."
  type = object({
    min                 = optional(number, 1)
    max                 = optional(number, 4)
    cpu_percent         = optional(number, 60)
    requests_per_minute = optional(number, 600)
    spot_percent        = optional(number, 0)
    on_demand           = optional(number, 0)
  })
  default = {}

  validation {
    condition     = var.scaling.min >= 1 && var.scaling.max >= var.scaling.min
    error_message = "scaling.min is at least 1 and scaling.max not below it, for example { min = 2, max = 6 }."
  }

  validation {
    condition     = var.scaling.cpu_percent > 0 && var.scaling.cpu_percent < 100 && var.scaling.requests_per_minute >= 0
    error_message = "scaling.cpu_percent is between 1 and 99 and scaling.requests_per_minute not below 0, for example { cpu_percent = 60, requests_per_minute = 600 }."
  }

  validation {
    condition     = var.scaling.spot_percent >= 0 && var.scaling.spot_percent <= 100 && floor(var.scaling.spot_percent) == var.scaling.spot_percent && var.scaling.on_demand >= 0
    error_message = "scaling.spot_percent is a whole percentage and scaling.on_demand a number of tasks, for example { spot_percent = 50, on_demand = 1 }."
  }

  validation {
    # A capacity provider without weight takes no task, its base notwithstanding.
    condition     = var.scaling.spot_percent < 100 || var.scaling.on_demand == 0
    error_message = "scaling.on_demand needs scaling.spot_percent below 100, for example { spot_percent = 99, on_demand = 1 }."
  }
}

variable "rollout" {
  description = "A rolling deployment: how much of the desired count may be missing or added in percent, how long a new task may be unhealthy at the load balancer and how long an old one may take to stop, both in seconds."
  type = object({
    minimum_healthy_percent = optional(number, 100)
    maximum_percent         = optional(number, 200)
    grace_seconds           = optional(number, 120)
    stop_seconds            = optional(number, 30)
  })
  default = {}

  validation {
    condition     = var.rollout.minimum_healthy_percent >= 0 && var.rollout.minimum_healthy_percent <= 100 && var.rollout.maximum_percent > 100 && var.rollout.maximum_percent <= 200
    error_message = "rollout.minimum_healthy_percent is 0 to 100 and rollout.maximum_percent 101 to 200, for example { minimum_healthy_percent = 100, maximum_percent = 200 }."
  }

  validation {
    condition     = var.rollout.stop_seconds >= 1 && var.rollout.stop_seconds <= 120
    error_message = "rollout.stop_seconds is 1 to 120, as Fargate allows, for example 30."
  }
}

variable "network" {
  description = "Where the tasks live: VPC, private subnets, and the container's port."
  type = object({
    vpc_id     = string
    subnet_ids = list(string)
    port       = optional(number, 8000)
  })
}

# Apart from the network: Terraform waits for all of an object, and a load balancer takes AWS minutes.
variable "load_balancer" {
  description = "Who sends the requests: the load balancer's security group, the target group that the tasks register in, and both names in CloudWatch's dimensions."
  type = object({
    group_id                = string
    arn_suffix              = string
    target_group_arn        = string
    target_group_arn_suffix = string
  })
}

variable "environment" {
  description = "Plain environment variables of the container."
  type        = map(string)
  default     = {}

  validation {
    condition     = alltrue([for name in keys(var.environment) : can(regex("^[A-Z][A-Z0-9_]*$", name))])
    error_message = "environment's names are capitals, digits and underscores, for example { NEO4J_URI = \"bolt://10.0.2.10:7687\" }."
  }
}

variable "secrets" {
  description = "Environment variables from Secrets Manager: name to a value reference, ARN with optional key as in arn:...:secret:name-abc:password::."
  type        = map(string)
  default     = {}
}

variable "labels" {
  description = "Labels of the container; a changed label rolls the service, for example to read a new secret."
  type        = map(string)
  default     = {}
}

variable "secret_arns" {
  description = "ARN patterns of the secrets that the tasks may read."
  type        = list(string)
}

variable "injected_secret_arns" {
  description = "ARN patterns of secrets of which the container gets a value when it starts, but which the application itself may not read."
  type        = list(string)
  default     = []
}

variable "documents_bucket_arn" {
  description = "ARN of the documents bucket that the tasks may use."
  type        = string
}

variable "bedrock_models" {
  description = "Models of Amazon Bedrock that the tasks may call, by model id or by the id of an inference profile; none, none at all."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for model in var.bedrock_models : can(regex("^[a-z0-9-]+(\\.[a-z0-9-]+)+(:[0-9]+)?$", model))])
    error_message = "bedrock_models holds ids of models or inference profiles, for example [\"amazon.titan-embed-text-v2:0\", \"apac.anthropic.claude-sonnet-4-20250514-v1:0\"]."
  }
}

variable "log_group" {
  description = "Log group that receives the container's output: name and ARN."
  type = object({
    name = string
    arn  = string
  })
}

variable "permissions_boundary" {
  description = "ARN of the permission boundary that every role made here carries."
  type        = string
}

variable "container_insights" {
  description = "CloudWatch Container Insights: disabled, enabled or enhanced."
  type        = string
  default     = "enabled"

  validation {
    condition     = contains(["disabled", "enabled", "enhanced"], var.container_insights)
    error_message = "container_insights is \"disabled\", \"enabled\" or \"enhanced\", for example \"enabled\"."
  }
}
