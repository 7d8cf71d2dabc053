variable "prefix" {
  description = "Path in front of every secret's name, without a slash at the end, for example knowledgeweaver/dev."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]*(/[a-z0-9-]+)*$", var.prefix))
    error_message = "prefix has lower-case letters, digits, dashes and inner slashes, for example \"knowledgeweaver/dev\"."
  }
}

variable "api_key_generation" {
  description = "Raise by one to generate the API key anew; the key itself is never in the state or the plan. The graph store's password has no such number: replacing only the secret would lock everybody out of a database that keeps its password; rotate it instead."
  type        = number
  default     = 1

  validation {
    condition     = var.api_key_generation >= 1 && floor(var.api_key_generation) == var.api_key_generation
    error_message = "api_key_generation is a whole number from 1 on, for example 2."
  }
}

variable "phoenix_generation" {
  description = "Raise by one to generate Phoenix's secrets anew, its database's password among them. Give RDS the same number, so that both are written in one apply."
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
