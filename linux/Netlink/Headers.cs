using System.Runtime.InteropServices;

namespace Elysium.Linux.Netlink;

/// <summary>struct nlmsghdr.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct MessageHeader(int Length, ushort Type, ushort Flags, uint Sequence, uint PortId);

/// <summary>struct nlattr.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct AttributeHeader(ushort Length, ushort Type);

/// <summary>struct ifinfomsg.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct LinkHeader(byte Family, byte Padding, ushort Type, int Index, uint Flags, uint Change);

/// <summary>struct ifaddrmsg.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct AddressHeader(byte Family, byte PrefixLength, byte Flags, byte Scope, int Index);

/// <summary>struct rtmsg.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct RouteHeader(
    byte Family,
    byte DestinationLength,
    byte SourceLength,
    byte TypeOfService,
    byte Table,
    byte Protocol,
    byte Scope,
    byte Type,
    uint Flags);

/// <summary>struct fib_rule_hdr of linux/fib_rules.h.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct RuleHeader(
    byte Family,
    byte DestinationLength,
    byte SourceLength,
    byte TypeOfService,
    byte Table,
    byte Reserved1,
    byte Reserved2,
    byte Action,
    uint Flags);

/// <summary>struct genlmsghdr.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct GenericHeader(byte Command, byte Version, ushort Reserved = 0);

/// <summary>struct nfgenmsg; the resource id is in network order.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct NetfilterHeader(byte Family, byte Version = 0, ushort ResourceId = 0);
