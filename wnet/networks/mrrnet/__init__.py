"""MRRNet, the paper's reference 47 (https://github.com/SYLan2019/MRRNet)."""
