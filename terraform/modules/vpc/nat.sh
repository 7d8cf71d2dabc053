#!/bin/bash
# Makes this instance forward for the private subnets, now and after every start.
set -euo pipefail

# In the 512 MB of a nano the kernel kills dnf.
dd if=/dev/zero of=/swapfile bs=1M count=1024 status=none
chmod 600 /swapfile
mkswap /swapfile
swapon /swapfile
echo '/swapfile none swap sw 0 0' >> /etc/fstab

dnf install -y nftables
cat > /etc/sysctl.d/90-nat.conf <<'CONF'
net.ipv4.ip_forward = 1
CONF
sysctl --system

cat > /etc/sysconfig/nftables.conf <<'CONF'
table ip nat {
  chain postrouting {
    type nat hook postrouting priority 100; policy accept;
    fib daddr type != local masquerade
  }
}
CONF
systemctl enable --now nftables
