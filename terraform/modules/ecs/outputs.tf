output "cluster_name" {
  description = "Name of the cluster."
  value       = aws_ecs_cluster.this.name
}

output "cluster_arn" {
  description = "ARN of the cluster."
  value       = aws_ecs_cluster.this.arn

  # Whoever puts a service into it may name its capacity.
  depends_on = [aws_ecs_cluster_capacity_providers.this]
}

output "service_name" {
  description = "Name of the service."
  value       = aws_ecs_service.api.name
}

output "security_group_id" {
  description = "Security group of the tasks; the graph store lets it in."
  value       = aws_security_group.service.id
}

output "task_definition_arn" {
  description = "Task definition, with its revision, that the service was told to run."
  value       = aws_ecs_task_definition.api.arn
}

output "task_role_arn" {
  description = "Role the application runs with; made from its name, so that policies that admit it are readable before it exists."
  value       = "arn:aws:iam::${local.account}:role/${aws_iam_role.task.name}"

  # AWS refuses a policy that names a role which does not exist.
  depends_on = [aws_iam_role.task]
}

output "execution_role_arn" {
  description = "Role that ECS starts tasks with."
  value       = aws_iam_role.execution.arn
}
