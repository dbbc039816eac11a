using Elysium.Linux.Netlink;
using Elysium.WireGuard;

namespace Elysium.Linux;

/// <summary>
/// WireGuard in the kernel, by generic netlink: devices are links of the kind <c>wireguard</c>. Works in the network namespace of the
/// calling thread, and keeps nothing open between calls. Every refusal is a <see cref="WireGuardEngineException"/> with the kernel's words.
/// </summary>
public sealed class KernelWireGuard : IWireGuardEngine
{
    // WGALLOWEDIP_F_REMOVE_ME came with 6.16. The release alone decides, because asking would cost a peer: a kernel looks at the prefixes
    // of a peer only when there is that peer. One that has the flag without the release gets the same result by other means.
    private static readonly Version FirstToRemovePrefixes = new(6, 16);

    private volatile bool _removesPrefixes;

    /// <summary>Speaks to the kernel that runs.</summary>
    public KernelWireGuard()
        : this(Environment.OSVersion.Version >= FirstToRemovePrefixes)
    {
    }

    internal KernelWireGuard(bool removesPrefixes) => _removesPrefixes = removesPrefixes;

    /// <inheritdoc/>
    public string Description => "kernel";

    /// <summary>
    /// Whether the kernel has WireGuard. Asking loads its module where modules may be loaded, and changes nothing else. Needs no rights;
    /// making a device does.
    /// </summary>
    public static bool IsSupported()
    {
        using var socket = new NetlinkSocket(Nl.NETLINK_GENERIC);
        return GenericFamily.Find(socket, Wg.Family) is not null;
    }

    /// <inheritdoc/>
    public IReadOnlyList<string> List()
    {
        try
        {
            using var netlink = RouteNetlink.Open();
            return [.. netlink.GetLinks().Where(IsWireGuard).Select(link => link.Name).Order(StringComparer.Ordinal)];
        }
        catch (NetlinkException exception)
        {
            throw Failed(exception, "The kernel does not tell its links", null);
        }
    }

    /// <inheritdoc/>
    public Device? Get(string name)
    {
        InterfaceName.ThrowIfInvalid(name);
        try
        {
            using var socket = new NetlinkSocket(Nl.NETLINK_GENERIC);
            if (GenericFamily.Find(socket, Wg.Family) is not { } family)
            {
                return null;
            }

            var dump = new WireGuardDump();
            socket.Dump(WireGuardMessages.Get(stackalloc byte[128], family.Id, name), ref dump, $"reading the device {name}");
            return dump.ToDevice(name);
        }
        catch (NetlinkException exception) when (exception.Errno is Errno.ENODEV or Errno.EOPNOTSUPP)
        {
            // No link; or one of another kind.
            return null;
        }
        catch (NetlinkException exception)
        {
            throw Failed(exception, $"The kernel does not tell what {name} is", null);
        }
        catch (InvalidDataException exception)
        {
            throw new WireGuardEngineException(EngineFailure.Refused, $"The kernel does not tell what {name} is: {exception.Message}.", exception);
        }
    }

    /// <inheritdoc/>
    public void Apply(string name, DeviceUpdate update)
    {
        ArgumentNullException.ThrowIfNull(update);
        InterfaceName.ThrowIfInvalid(name);
        try
        {
            using var socket = new NetlinkSocket(Nl.NETLINK_GENERIC);
            var family = GenericFamily.Find(socket, Wg.Family) ?? throw NotSupported(name);
            if (update.ListenPort is { } port and not 0)
            {
                ThrowIfPortIsTaken(name, port);
            }

            Apply(socket, family, name, update);
        }
        catch (NetlinkException exception)
        {
            throw Failed(exception, $"The kernel refused a change of {name}", update.ListenPort);
        }
    }

    /// <inheritdoc/>
    public bool Start(string name, CancellationToken cancellationToken)
    {
        InterfaceName.ThrowIfInvalid(name);
        using var netlink = RouteNetlink.Open();
        try
        {
            netlink.CreateWireGuard(name);
            return true;
        }
        catch (NetlinkException exception) when (exception.Errno == Errno.EEXIST)
        {
            return netlink.FindLink(name) is { } link && !IsWireGuard(link) ? throw Foreign(link) : false;
        }
        catch (NetlinkException exception) when (exception.Errno == Errno.EOPNOTSUPP)
        {
            throw NotSupported(name, exception);
        }
        catch (NetlinkException exception)
        {
            throw Failed(exception, $"The kernel makes no device {name}", null);
        }
    }

    /// <inheritdoc/>
    public bool Stop(string name, CancellationToken cancellationToken)
    {
        InterfaceName.ThrowIfInvalid(name);
        try
        {
            using var netlink = RouteNetlink.Open();
            if (netlink.FindLink(name) is not { } link)
            {
                return false;
            }

            if (!IsWireGuard(link))
            {
                throw Foreign(link);
            }

            netlink.DeleteLink(link.Index);
            return true;
        }
        catch (NetlinkException exception) when (exception.Errno == Errno.ENODEV)
        {
            return false;
        }
        catch (NetlinkException exception)
        {
            throw Failed(exception, $"The kernel does not remove {name}", null);
        }
    }

    private void Apply(NetlinkSocket socket, GenericFamily family, string name, DeviceUpdate update)
    {
        if (!_removesPrefixes)
        {
            Send(socket, new WireGuardMessages(family.Id, name, update.WithoutRemovals()), name);
            return;
        }

        try
        {
            Send(socket, new WireGuardMessages(family.Id, name, update), name);
        }
        catch (NetlinkException exception) when (exception.Errno == Errno.EINVAL && update.WithoutRemovals() is var lowered && lowered != update)
        {
            // It does not know the flag after all. What was applied before that is applied again and changes nothing.
            Send(socket, new WireGuardMessages(family.Id, name, lowered), name);
            _removesPrefixes = false;
        }
    }

    // A device that is down takes any port and cannot be switched on later. One that is up refuses, but tells the port from then on as if it
    // had it (set_port in netlink.c), so nobody would see that it listens on the old one.
    private void ThrowIfPortIsTaken(string name, int port) => PortProbe.ThrowIfTaken(name, port, () => Get(name)?.ListenPort);

    private static void Send(NetlinkSocket socket, WireGuardMessages messages, string name)
    {
        using var buffer = new MessageBuffer();
        while (messages.Next(buffer))
        {
            socket.Execute(buffer, $"changing the device {name}");
        }
    }

    private static bool IsWireGuard(Link link) => link.Kind == Wg.Family;

    private static WireGuardEngineException Foreign(Link link) => new(
        EngineFailure.ForeignLink,
        $"There is a link {link.Name} already (kind {link.Kind ?? "unknown"}), and it is no WireGuard device of the kernel. Remove the link, or choose another name.");

    private static WireGuardEngineException NotSupported(string name, Exception? inner = null) => new(
        EngineFailure.NoKernelSupport,
        $"The kernel has no WireGuard for {name}. Load its module (modprobe wireguard), or use a userspace engine.",
        inner);

    private static WireGuardEngineException Failed(NetlinkException exception, string what, int? port) => exception.Errno switch
    {
        Errno.ENODEV => new(EngineFailure.Ended, $"{what}: there is no such link.", exception),
        Errno.EOPNOTSUPP => new(EngineFailure.ForeignLink, $"{what}: the link is no WireGuard device.", exception),
        Errno.EPERM or Errno.EACCES => new(
            EngineFailure.NotPermitted,
            $"{what}: configuring network interfaces needs CAP_NET_ADMIN. Run as root, or give a container --cap-add=NET_ADMIN.",
            exception),
        Errno.EADDRINUSE => new(EngineFailure.PortInUse, $"{what}: the UDP port {port} is taken.", exception),
        Errno.EAGAIN => new(EngineFailure.NotAnswering, $"{what}: {exception.Message}", exception),
        _ => new(EngineFailure.Refused, $"{what}: {exception.Message}", exception),
    };
}
