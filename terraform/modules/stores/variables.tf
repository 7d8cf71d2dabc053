variable "name" {
  description = "Name of the project, in front of every store's name, for example knowledgeweaver."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{2,19}$", var.name))
    error_message = "name has 3 to 20 lower-case letters, digits and dashes (bucket names add account and region), for example \"knowledgeweaver\"."
  }
}
