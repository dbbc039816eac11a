namespace Elysium.Linux.Netlink;

/// <summary>Takes the messages of a dump as they come, for those who want no list of records.</summary>
internal interface IDumpReader
{
    /// <summary>Forget what was read: the dump starts (again), because something changed while it ran.</summary>
    void Restart();

    /// <summary>One message. May throw an <see cref="InvalidDataException"/>; must not use the socket.</summary>
    /// <param name="type">The message's type.</param>
    /// <param name="payload">What follows the message's header; gone when this returns.</param>
    void Read(ushort type, ReadOnlySpan<byte> payload);
}
