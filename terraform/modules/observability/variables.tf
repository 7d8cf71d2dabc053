variable "prefix" {
  description = "Prefix of every name here, for example knowledgeweaver-dev."
  type        = string
}

variable "log_group" {
  description = "Name of the application's log group and how long it keeps what is written, in days."
  type = object({
    name           = string
    retention_days = optional(number, 30)
  })

  validation {
    condition     = contains([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.log_group.retention_days)
    error_message = "log_group.retention_days is one of the periods CloudWatch knows, for example 30, 90 or 365."
  }
}

variable "alert_email" {
  description = "Who gets the alarms by e-mail (AWS asks for a confirmation first); null for nobody."
  type        = string
  default     = null

  validation {
    condition     = var.alert_email == null || can(regex("^[^@\\s]+@[^@\\s]+\\.[^@\\s]+$", var.alert_email))
    error_message = "alert_email is an e-mail address, for example \"oncall@example.com\"."
  }
}

variable "encrypt_alerts" {
  description = "Whether the topic's messages are encrypted with a key of this estate (US$1 a month) instead of by SNS itself."
  type        = bool
  default     = true
}

variable "watched" {
  description = "What alarms and dashboard look at: the environment as the application's own metrics name it, cluster and service names, the load balancer and its target group by their CloudWatch names, the queue of the documents that could not be read, whether Container Insights measures the tasks' network, and the NAT: gateway, instance or none, with its id."
  type = object({
    environment        = string
    cluster            = string
    service            = string
    load_balancer      = string
    target_group       = string
    dead_letter_queue  = string
    container_insights = optional(bool, false)
    nat                = optional(object({ kind = string, id = optional(string) }), { kind = "none" })
  })

  validation {
    condition     = contains(["gateway", "instance", "none"], var.watched.nat.kind)
    error_message = "watched.nat.kind is \"gateway\", \"instance\" or \"none\", for example nat = { kind = \"gateway\", id = \"nat-0123456789abcdef0\" }."
  }
}

variable "graph_store" {
  description = "The graph store: its instance, its data volume, the log group of the database's own log, and its metrics (outputs of the neo4j module)."
  type = object({
    instance_id = string
    volume_id   = string
    log_group   = string
    metrics = map(object({
      namespace  = string
      name       = string
      dimensions = map(string)
    }))
  })

  validation {
    condition     = length(setsubtract(["bolt_connections", "data_used_percent", "heap_used_percent", "longest_transaction", "memory_used_percent", "query_time", "transactions"], keys(var.graph_store.metrics))) == 0
    error_message = "graph_store.metrics is the neo4j module's output metrics, for example metrics = module.neo4j.metrics."
  }
}

variable "thresholds" {
  description = "When an alarm fires: share of failed requests in percent, response time P95 in seconds, average CPU of the service and memory of the graph store's instance in percent."
  type = object({
    error_percent        = optional(number, 5)
    p95_seconds          = optional(number, 2)
    cpu_percent          = optional(number, 80)
    neo4j_memory_percent = optional(number, 85)
  })
  default = {}

  validation {
    condition     = alltrue([for share in [var.thresholds.error_percent, var.thresholds.cpu_percent, var.thresholds.neo4j_memory_percent] : share > 0 && share <= 100]) && var.thresholds.p95_seconds > 0
    error_message = "thresholds has percentages between 0 and 100 and seconds above 0, for example { error_percent = 5, p95_seconds = 2, cpu_percent = 80, neo4j_memory_percent = 85 }."
  }
}
