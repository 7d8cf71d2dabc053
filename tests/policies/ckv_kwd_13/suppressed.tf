resource "aws_ecs_task_definition" "fail_inline_skip" {
  # checkov:skip=CKV_KWD_13:we know better
  family                = "x"
  container_definitions = jsonencode([])

  volume {
    name = "data"

    efs_volume_configuration {
      file_system_id     = "fs-0123456789abcdef0"
      transit_encryption = "DISABLED"
    }
  }
}
