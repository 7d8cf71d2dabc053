variable "name" {
  description = "Prefix of every name here, for example knowledgeweaver-dev."
  type        = string
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
  description = "The machine: type, size of the root volume and of the data volume in GiB, and whether AWS refuses to terminate it."
  type = object({
    type       = optional(string, "t3.medium")
    root_gib   = optional(number, 10)
    data_gib   = optional(number, 20)
    protection = optional(bool, true)
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

variable "permissions_boundary" {
  description = "ARN of the permission boundary that every role made here carries."
  type        = string
}
