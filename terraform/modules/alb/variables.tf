variable "name" {
  description = "Name of the load balancer and prefix of what belongs to it, for example knowledgeweaver-dev."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{2,28}$", var.name))
    error_message = "name has 3 to 29 lower-case letters, digits and dashes (AWS allows 32 and \"-tg\" is added), for example \"knowledgeweaver-dev\"."
  }
}

variable "vpc_id" {
  description = "VPC the load balancer and its targets live in."
  type        = string
}

variable "subnet_ids" {
  description = "Public subnets, one a zone."
  type        = list(string)

  validation {
    condition     = length(var.subnet_ids) >= 2
    error_message = "subnet_ids needs subnets in at least two zones, because a load balancer does, for example [\"subnet-0aaa\", \"subnet-0bbb\"]."
  }
}

variable "tls" {
  description = "How clients connect. certificate_arn: HTTPS with this ACM certificate, plain HTTP only redirects. domain: the name that the certificate is for and clients use. allow_plain_http = true with no certificate is the explicit development mode."
  type = object({
    certificate_arn  = optional(string)
    domain           = optional(string)
    allow_plain_http = optional(bool, false)
    policy           = optional(string, "ELBSecurityPolicy-TLS13-1-2-2021-06")
  })

  validation {
    condition     = var.tls.certificate_arn == null || can(regex("^arn:aws[a-z-]*:acm:[a-z0-9-]+:[0-9]{12}:certificate/.+$", var.tls.certificate_arn))
    error_message = "tls.certificate_arn is the ARN of an ACM certificate, for example \"arn:aws:acm:ap-southeast-2:123456789012:certificate/12345678-1234-1234-1234-123456789012\"."
  }

  validation {
    condition     = var.tls.domain == null || (var.tls.certificate_arn != null && can(regex("^([a-z0-9-]+\\.)+[a-z]+$", var.tls.domain)))
    error_message = "tls.domain is a name that tls.certificate_arn is for, for example \"answers.example.com\"."
  }

  validation {
    condition     = (var.tls.certificate_arn != null) != var.tls.allow_plain_http
    error_message = "tls needs either certificate_arn (HTTPS) or allow_plain_http = true (development only), not both and not neither, for example tls = { certificate_arn = \"arn:aws:acm:ap-southeast-2:123456789012:certificate/12345678-1234-1234-1234-123456789012\" }."
  }
}

variable "target" {
  description = "The service behind it: port and health_path of a task, deregistration_seconds to let running requests end, health thresholds in checks and seconds."
  type = object({
    port                   = optional(number, 8000)
    health_path            = optional(string, "/health/ready")
    deregistration_seconds = optional(number, 30)
    interval_seconds       = optional(number, 15)
    timeout_seconds        = optional(number, 5)
    healthy_threshold      = optional(number, 2)
    unhealthy_threshold    = optional(number, 3)
  })
  default = {}

  validation {
    condition     = startswith(var.target.health_path, "/")
    error_message = "target.health_path starts with a slash, for example \"/health/ready\"."
  }

  validation {
    condition     = var.target.deregistration_seconds >= 0 && var.target.deregistration_seconds <= 3600
    error_message = "target.deregistration_seconds is between 0 and 3600, for example 30."
  }

  validation {
    condition     = var.target.timeout_seconds < var.target.interval_seconds
    error_message = "target.timeout_seconds is smaller than target.interval_seconds, for example 5 and 15."
  }
}

variable "ingress_cidrs" {
  description = "Address blocks that may reach the load balancer."
  type        = set(string)
  default     = ["0.0.0.0/0"]

  validation {
    condition     = length(var.ingress_cidrs) > 0 && alltrue([for cidr in var.ingress_cidrs : can(cidrhost(cidr, 0))])
    error_message = "ingress_cidrs holds IPv4 blocks, for example [\"0.0.0.0/0\"] or [\"203.0.113.0/24\"]."
  }
}

variable "deletion_protection" {
  description = "Whether AWS refuses to delete the load balancer, and destroying refuses while there are access logs."
  type        = bool
  default     = true
}

variable "access_logs" {
  description = "Keep a line for each request in an own bucket of that name, for so many days; null keeps none."
  type = object({
    bucket = string
    days   = optional(number, 90)
  })
  default = null

  validation {
    condition     = var.access_logs == null || can(regex("^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$", var.access_logs.bucket))
    error_message = "access_logs.bucket has 3 to 63 lower-case letters, digits and dashes, for example \"knowledgeweaver-prod-alb-logs-123456789012-ap-southeast-2\"."
  }

  validation {
    condition     = var.access_logs == null || try(var.access_logs.days >= 1 && floor(var.access_logs.days) == var.access_logs.days, false)
    error_message = "access_logs.days is a whole number of days from 1, for example 90; access_logs = null keeps no logs."
  }
}
