variable "name" {
  description = "Prefix of every name here, for example knowledgeweaver-dev."
  type        = string
}

variable "image" {
  description = "Image of the application by its tag, the git tree hash of app/; it has the rotation function in it."
  type        = string

  validation {
    condition     = can(regex("^[0-9]{12}\\.dkr\\.ecr\\.[a-z0-9-]+\\.amazonaws\\.com/[a-z0-9/_-]+(:[0-9a-f]{40}|@sha256:[0-9a-f]{64})$", var.image))
    error_message = "image is an ECR reference with a git tree hash as its tag, for example \"123456789012.dkr.ecr.ap-southeast-2.amazonaws.com/knowledgeweaver:4b825dc642cb6eb9a060e54bf8d69288fbee4904\"."
  }
}

variable "architecture" {
  description = "Processor that the image was built for: ARM64 or X86_64."
  type        = string
  default     = "ARM64"

  validation {
    condition     = contains(["ARM64", "X86_64"], var.architecture)
    error_message = "architecture is \"ARM64\" or \"X86_64\", for example \"ARM64\"."
  }
}

variable "days" {
  description = "Days between two rotations."
  type        = number
  default     = 30

  validation {
    condition     = var.days >= 1 && var.days <= 1000 && floor(var.days) == var.days
    error_message = "days is a whole number from 1 to 1000, for example 30."
  }
}

variable "password_length" {
  description = "Length of the passwords that are generated, in characters."
  type        = number
  default     = 40

  validation {
    condition     = var.password_length >= 24 && var.password_length <= 128
    error_message = "password_length is 24 to 128, for example 40; anything shorter can be guessed offline."
  }
}

variable "secret" {
  description = "The secret with username and password: its ARN, and the ARN pattern for the function's role."
  type = object({
    arn     = string
    pattern = string
  })
}

variable "graph_store" {
  description = "Where the function reaches Neo4j, and the security group that lets it in."
  type = object({
    uri               = string
    security_group_id = string
  })

  validation {
    condition     = can(regex("^(bolt|neo4j)(\\+s)?://", var.graph_store.uri))
    error_message = "graph_store.uri is a Bolt address, for example \"bolt://10.0.2.10:7687\"."
  }
}

variable "network" {
  description = "VPC and private subnets that the function is connected to; from there it reaches Secrets Manager too."
  type = object({
    vpc_id     = string
    subnet_ids = list(string)
  })
}

variable "log_group" {
  description = "Name of the function's log group and how long it keeps what is written, in days."
  type = object({
    name           = string
    retention_days = optional(number, 30)
  })
}

variable "alarm" {
  description = "Prefix of the alarm's name, and the SNS topic that is told."
  type = object({
    prefix    = string
    topic_arn = string
  })
}

variable "permissions_boundary" {
  description = "ARN of the permission boundary that every role made here carries."
  type        = string
}
