variable "name" {
  description = "Beginning of every name, for example knowledgeweaver-dev."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{2,23}$", var.name))
    error_message = "name has 3 to 24 lower-case letters, digits and dashes (a target group's name allows 32 and \"-phoenix\" is added), for example \"knowledgeweaver-dev\"."
  }
}

variable "cluster" {
  description = "Name of the ECS cluster that the service joins."
  type        = string
}

variable "image" {
  description = "Phoenix's own image, pinned by version or by digest; the variant without root. serve.py is tested with this version."
  type        = string
  default     = "arizephoenix/phoenix:version-20.26.1-nonroot"
  nullable    = false

  validation {
    condition     = can(regex("^arizephoenix/phoenix(:version-[0-9]+\\.[0-9]+\\.[0-9]+-nonroot|@sha256:[0-9a-f]{64})$", var.image))
    error_message = "image is Phoenix's image with its full version and \"-nonroot\", or with a digest, for example \"arizephoenix/phoenix:version-20.26.1-nonroot\"."
  }
}

variable "size" {
  description = "Of the task: cpu in CPU units (1024 is one processor), memory in MiB (Phoenix takes 500 at rest), architecture ARM64 or X86_64."
  type = object({
    cpu          = optional(number, 512)
    memory       = optional(number, 1024)
    architecture = optional(string, "ARM64")
  })
  default = {}

  validation {
    condition     = contains([256, 512, 1024, 2048, 4096], var.size.cpu) && var.size.memory >= 1024 && var.size.memory >= 2 * var.size.cpu && var.size.memory <= 8 * var.size.cpu
    error_message = "size.cpu is 256, 512, 1024, 2048 or 4096, size.memory at least 1024 and between twice and eight times the cpu, for example { cpu = 512, memory = 1024 }."
  }

  validation {
    condition     = contains(["ARM64", "X86_64"], var.size.architecture)
    error_message = "size.architecture is \"ARM64\" or \"X86_64\", for example \"ARM64\"."
  }
}

variable "network" {
  description = "Where it lives: VPC and private subnets; the application's security group, which sends the traces."
  type = object({
    vpc_id          = string
    subnet_ids      = list(string)
    client_group_id = string
  })
}

# Apart from the network: Terraform waits for all of an object, and the database need not wait for a load balancer.
variable "load_balancer" {
  description = "Through what people come: its security group and the listener that gets the path rule, and whether that listener speaks HTTPS."
  type = object({
    group_id     = string
    listener_arn = string
    https        = bool
  })
}

variable "storage" {
  description = "Where the traces lie. kind \"efs\": SQLite on a file system, cheap, one task at a time, for development. kind \"rds\": PostgreSQL; instance, gib to begin with, multi_az, days that AWS keeps daily backups, protect (AWS refuses to delete it, and a last snapshot is kept when that is lifted), and the snapshot that the database is made from (docs/recovery.md; another one replaces it)."
  type = object({
    kind        = string
    instance    = optional(string, "db.t4g.micro")
    gib         = optional(number, 20)
    multi_az    = optional(bool, false)
    backup_days = optional(number, 7)
    protect     = optional(bool, true)
    snapshot    = optional(string)
  })

  validation {
    condition     = contains(["efs", "rds"], var.storage.kind)
    error_message = "storage.kind is \"efs\" (development) or \"rds\", for example { kind = \"rds\" }."
  }

  validation {
    condition     = can(regex("^db\\.[a-z0-9]+\\.[a-z0-9]+$", var.storage.instance))
    error_message = "storage.instance is an RDS instance class, for example \"db.t4g.micro\"."
  }

  validation {
    condition     = var.storage.gib >= 20 && var.storage.gib <= 1000
    error_message = "storage.gib is 20 to 1000 (gp3 starts at 20), for example 20."
  }

  validation {
    condition     = var.storage.backup_days >= 1 && var.storage.backup_days <= 35
    error_message = "storage.backup_days is 1 to 35, as RDS allows, for example 7."
  }
}

variable "secret" {
  description = "Secret with the JSON keys secret, admin_secret, admin_password and database_password: arn and, for policies, pattern; its generation, with which the service is rolled; and the function that gives the database its password (module secrets)."
  type = object({
    arn        = string
    pattern    = string
    generation = optional(number, 1)
    function   = string
  })
}

variable "logs" {
  description = "Log group of the service and days that its lines are kept."
  type = object({
    group          = string
    retention_days = optional(number, 30)
  })

  validation {
    condition     = startswith(var.logs.group, "/")
    error_message = "logs.group starts with a slash, for example { group = \"/knowledgeweaver/dev/phoenix\" }."
  }
}

variable "trace_days" {
  description = "Days that Phoenix keeps traces; 0 keeps them for ever."
  type        = number
  default     = 30

  validation {
    condition     = var.trace_days >= 0 && floor(var.trace_days) == var.trace_days
    error_message = "trace_days is a whole number from 0 on, for example 30."
  }
}

variable "permissions_boundary" {
  description = "ARN of the permission boundary that every role made here carries."
  type        = string
}
