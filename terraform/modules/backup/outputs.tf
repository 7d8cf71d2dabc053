output "vault" {
  description = "Name of the vault."
  value       = aws_backup_vault.this.name
}

output "role_arn" {
  description = "Role that backups and restores are made with."
  value       = aws_iam_role.this.arn
}
