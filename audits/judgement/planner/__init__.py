"""What if: the smallest sets of fixes that turn the most VMs live, told by the verdict's own functions."""
