output "function_name" {
  description = "Name of the rotation function."
  value       = aws_lambda_function.this.function_name
}

output "role_arn" {
  description = "Role of the rotation function."
  value       = aws_iam_role.this.arn
}

output "security_group_id" {
  description = "Security group of the rotation function."
  value       = aws_security_group.this.id
}
