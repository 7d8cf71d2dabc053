output "url" {
  description = "Where clients reach the application."
  value       = module.alb.url
}

output "load_balancer" {
  description = "DNS name that the record of the domain leads to."
  value       = module.alb.dns_name
}

output "traces_url" {
  description = "Where people look at traces."
  value       = "${module.alb.url}/phoenix"
}

output "cluster_name" {
  description = "ECS cluster of the application."
  value       = module.ecs.cluster_name
}

output "service_name" {
  description = "ECS service of the application."
  value       = module.ecs.service_name
}

output "documents_bucket" {
  description = "Bucket that holds the documents."
  value       = module.documents.bucket
}

output "api_key_secret" {
  description = "ARN of the secret with the application's key (not the key)."
  value       = module.secrets.api_key.arn
}

output "neo4j_instance_id" {
  description = "Id of the graph store's instance."
  value       = module.neo4j.instance_id
}

output "alerts_topic" {
  description = "SNS topic that alarms go to."
  value       = module.observability.topic_arn
}

output "dashboard_url" {
  description = "Where the dashboard is seen."
  value       = module.observability.dashboard_url
}

output "backup_vault" {
  description = "Vault of the backups."
  value       = module.backup.vault
}
