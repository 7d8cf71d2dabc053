variable "prefix" {
  description = "Path in front of every secret's name, without a slash at the end, for example knowledgeweaver/dev."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]*(/[a-z0-9-]+)*$", var.prefix))
    error_message = "prefix has lower-case letters, digits, dashes and inner slashes, for example \"knowledgeweaver/dev\"."
  }
}

variable "name" {
  description = "Prefix of the function's name, for example knowledgeweaver-dev."
  type        = string
}

variable "image" {
  description = "Image of the application by its tag, the git tree hash of app/; it has the function in it that makes the values."
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

variable "database" {
  description = "Identifier of the RDS instance that gets its password from the secret phoenix; null where there is none."
  type        = string
  default     = null
}

variable "log_group" {
  description = "Name of the function's log group and how long it keeps what is written, in days."
  type = object({
    name           = string
    retention_days = optional(number, 30)
  })
}

variable "permissions_boundary" {
  description = "ARN of the permission boundary that every role made here carries."
  type        = string
}

variable "api_key_generation" {
  description = "Raise by one for a new API key; the key itself is never in the state or the plan. The graph store's password has no such number: replacing only the secret would lock everybody out of a database that keeps its password; rotate it instead."
  type        = number
  default     = 1

  validation {
    condition     = var.api_key_generation >= 1 && floor(var.api_key_generation) == var.api_key_generation
    error_message = "api_key_generation is a whole number from 1 on, for example 2."
  }
}

variable "phoenix_generation" {
  description = "Raise by one for new secrets of Phoenix, its database's password among them."
  type        = number
  default     = 1

  validation {
    condition     = var.phoenix_generation >= 1 && floor(var.phoenix_generation) == var.phoenix_generation
    error_message = "phoenix_generation is a whole number from 1 on, for example 2."
  }
}

variable "password_length" {
  description = "Length of the generated values, in characters."
  type        = number
  default     = 40

  validation {
    condition     = var.password_length >= 24 && var.password_length <= 128
    error_message = "password_length is 24 to 128, for example 40; anything shorter can be guessed offline."
  }
}

variable "recovery_days" {
  description = "Days a deleted secret can be brought back: 7 to 30, or 0 for at once and for good (development only)."
  type        = number
  default     = 30

  validation {
    condition     = var.recovery_days == 0 || (var.recovery_days >= 7 && var.recovery_days <= 30)
    error_message = "recovery_days is 0 or 7 to 30, for example 30."
  }
}
