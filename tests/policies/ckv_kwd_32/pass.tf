resource "aws_ecs_task_definition" "pass_tree" {
  family = "x"
  container_definitions = jsonencode([{
    name  = "api"
    image = "123456789012.dkr.ecr.ap-southeast-2.amazonaws.com/kw:4b825dc642cb6eb9a060e54bf8d69288fbee4904"
  }])
}

resource "aws_ecs_task_definition" "pass_version" {
  family = "x"
  container_definitions = jsonencode([{
    name  = "api"
    image = "arizephoenix/phoenix:version-11.38.0"
  }])
}

resource "aws_ecs_task_definition" "pass_digest" {
  family = "x"
  container_definitions = jsonencode([{
    name  = "api"
    image = "arizephoenix/phoenix@sha256:0000000000000000000000000000000000000000000000000000000000000000"
  }])
}
