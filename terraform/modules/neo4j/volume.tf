# The data lives apart from the instance, so a replaced instance finds it again.
resource "aws_ebs_volume" "data" {
  availability_zone = var.network.zone
  encrypted         = true
  type              = "gp3"
  size              = var.instance.data_gib
  snapshot_id       = var.instance.snapshot_id

  # AWS Backup selects by the tag Backup.
  tags = { Name = "${var.name}-neo4j-data", Component = "neo4j", Backup = var.name }
}

# Replacing the instance replaces this first and last: the old instance stops, the volume is detached, the instance
# is replaced, the volume is attached again.
resource "aws_volume_attachment" "data" {
  device_name = "/dev/sdf"
  volume_id   = aws_ebs_volume.data.id
  instance_id = aws_instance.this.id
  # The disk goes with the instance that is terminated, after the system shut down and the database
  # closed its files; detaching it before would pull it from under a running one.
  skip_destroy = true
}
