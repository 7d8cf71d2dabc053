output "endpoint" {
  description = "Where the application sends its traces, inside the network."
  value       = "http://${aws_service_discovery_service.this.name}.${aws_service_discovery_private_dns_namespace.this.name}:${local.port}"
}

output "service_name" {
  description = "Name of the ECS service."
  value       = aws_ecs_service.this.name
}

output "target_group_arn_suffix" {
  description = "Name of the target group in CloudWatch's dimensions."
  value       = aws_lb_target_group.this.arn_suffix
}

output "database_identifier" {
  description = "Identifier of the database, or null where the traces lie on a file system."
  value       = one(aws_db_instance.this[*].identifier)
}
