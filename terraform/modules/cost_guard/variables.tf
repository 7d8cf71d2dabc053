variable "name" {
  description = "Name of the monitor and of its subscription, for example knowledgeweaver."
  type        = string
}

variable "project" {
  description = "Value of the tag Project that the monitor watches."
  type        = string
  default     = "KnowledgeWeaver"
}

variable "emails" {
  description = "Who is told of a cost that AWS did not expect, once a day."
  type        = list(string)

  validation {
    condition     = length(var.emails) > 0 && alltrue([for email in var.emails : can(regex("^[^@\\s]+@[^@\\s]+\\.[^@\\s]+$", email))])
    error_message = "emails has at least one e-mail address, for example emails = [\"oncall@example.com\"]."
  }
}

variable "impact_usd" {
  description = "From how many US$ above the expected an anomaly is told."
  type        = number
  default     = 5

  validation {
    condition     = var.impact_usd > 0
    error_message = "impact_usd is an amount above 0, for example impact_usd = 5."
  }
}

variable "anomalies" {
  description = "Whether costs that AWS did not expect are watched for. Only a lone account or the management account of an organization may have a monitor for a tag."
  type        = bool
  default     = true
}

variable "activate_tags" {
  description = "Whether Project, Environment and Stack are made cost allocation tags here. Only the account that pays may do that, and only a day after the tags were first used."
  type        = bool
  default     = false
}
