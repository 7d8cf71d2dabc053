resource "aws_ecs_task_definition" "fail_inline_skip" {
  # checkov:skip=CKV_KWD_39:we know better
  family                = "x"
  task_role_arn         = "arn:aws:iam::123456789012:role/a"
  execution_role_arn    = "arn:aws:iam::123456789012:role/a"
  container_definitions = jsonencode([])
}
