variable "name" {
  description = "Prefix of every name here, for example knowledgeweaver-dev."
  type        = string
}

variable "environment" {
  description = "Name of the environment: the dimension of every metric, so that an alarm outlives the instance."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{0,30}$", var.environment))
    error_message = "environment is lower-case letters, digits and dashes, for example \"dev\"."
  }
}

variable "ami" {
  description = "AMI of the instance (Amazon Linux 2023, the processor of instance.type)."
  type        = string

  validation {
    condition     = can(regex("^ami-[0-9a-f]{8,17}$", var.ami))
    error_message = "ami is an AMI id, for example \"ami-0123456789abcdef0\"."
  }
}

variable "instance" {
  description = "The machine: type, size of the root volume and of the data volume in GiB, whether AWS refuses to terminate it, and the snapshot that the data volume is made from (docs/recovery.md; another one replaces the volume)."
  type = object({
    type        = optional(string, "t3.medium")
    root_gib    = optional(number, 10)
    data_gib    = optional(number, 20)
    protection  = optional(bool, true)
    snapshot_id = optional(string)
  })
  default = {}

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]*\\.[a-z0-9]+$", var.instance.type))
    error_message = "instance.type is an EC2 instance type, for example \"t3.medium\"."
  }

  validation {
    condition     = var.instance.root_gib >= 8 && var.instance.data_gib >= 10 && var.instance.data_gib <= 16384
    error_message = "instance.root_gib is at least 8 and instance.data_gib 10 to 16384, for example { root_gib = 10, data_gib = 20 }."
  }

  validation {
    condition     = var.instance.snapshot_id == null || can(regex("^snap-[0-9a-f]{8,17}$", var.instance.snapshot_id))
    error_message = "instance.snapshot_id is an EBS snapshot, for example \"snap-0123456789abcdef0\"."
  }
}

variable "memory" {
  description = "What of the instance's memory is Java's heap and what the cache of the store's pages, in MiB. The rest is for Java itself, the system and its file cache; at least 1536 must be left."
  type = object({
    heap_mib       = optional(number, 1024)
    page_cache_mib = optional(number, 1024)
  })
  default = {}

  validation {
    condition     = var.memory.heap_mib >= 512 && var.memory.page_cache_mib >= 128 && floor(var.memory.heap_mib) == var.memory.heap_mib && floor(var.memory.page_cache_mib) == var.memory.page_cache_mib
    error_message = "memory.heap_mib is a whole number from 512 and memory.page_cache_mib one from 128, for example { heap_mib = 1024, page_cache_mib = 1024 }."
  }
}

variable "release" {
  description = "Neo4j Community version that the instance installs."
  type        = string
  default     = "5.26.30"

  validation {
    condition     = can(regex("^5\\.[0-9]+\\.[0-9]+$", var.release))
    error_message = "release is a full Neo4j 5 version, for example \"5.26.30\"."
  }
}

variable "network" {
  description = "Where it lives: VPC, one private subnet with its address block and zone. The instance takes the address with number host in that block, so that it keeps it when it is replaced."
  type = object({
    vpc_id      = string
    subnet_id   = string
    subnet_cidr = string
    zone        = string
    host        = optional(number, 10)
  })

  validation {
    condition     = var.network.host >= 4 && can(cidrhost(var.network.subnet_cidr, var.network.host))
    error_message = "network.host is 4 or more (AWS keeps the first four addresses) and lies within network.subnet_cidr, for example 10 in \"10.0.2.0/24\"."
  }
}

variable "client_security_group_id" {
  description = "Security group of the only clients: the application's tasks."
  type        = string
}

variable "secret" {
  description = "The secret with username and password that the instance reads at boot: its ARN, and the ARN pattern for its role."
  type = object({
    arn     = string
    pattern = string
  })
}

variable "logs" {
  description = "Beginning of the log groups' names, and how long they keep what is written, in days."
  type = object({
    prefix         = string
    retention_days = optional(number, 30)
  })

  validation {
    condition     = can(regex("^/[a-zA-Z0-9_./-]*[a-zA-Z0-9]$", var.logs.prefix))
    error_message = "logs.prefix starts with a slash and ends without one, for example \"/knowledgeweaver/dev/neo4j\"."
  }

  validation {
    condition     = contains([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.logs.retention_days)
    error_message = "logs.retention_days is one of the periods CloudWatch knows, for example 30, 90 or 365."
  }
}

variable "permissions_boundary" {
  description = "ARN of the permission boundary that every role made here carries."
  type        = string
}
