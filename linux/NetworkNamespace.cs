namespace Elysium.Linux;

/// <summary>A network namespace (network_namespaces(7)), held open; named ones are those of <c>ip netns</c>.</summary>
public sealed class NetworkNamespace : IDisposable
{
    private NetworkNamespace(string? name) => Name = name;

    /// <summary>Its name under <c>/run/netns</c>; null for one that was not opened by name.</summary>
    public string? Name { get; }

    /// <summary>Makes a namespace with a name; it lives until it is deleted, whatever becomes of this program.</summary>
    /// <exception cref="IOException">The name is taken, or the kernel refuses.</exception>
    public static NetworkNamespace Create(string name) => throw new NotImplementedException();

    /// <summary>Opens the namespace of that name.</summary>
    /// <exception cref="IOException">There is none.</exception>
    public static NetworkNamespace Open(string name) => throw new NotImplementedException(new NetworkNamespace(name).Name);

    /// <summary>Opens the calling thread's namespace.</summary>
    public static NetworkNamespace Current() => throw new NotImplementedException();

    /// <summary>Takes the name away; the namespace goes with its last process and handle. False if there is no such name.</summary>
    public static bool Delete(string name) => throw new NotImplementedException();

    /// <summary>Whether there is a namespace of that name.</summary>
    public static bool Exists(string name) => throw new NotImplementedException();

    /// <summary>Runs something inside, on a thread of its own that ends with it. What it starts and opens stays inside.</summary>
    public T Run<T>(Func<T> work) => throw new NotImplementedException();

    /// <summary>Runs something inside, on a thread of its own that ends with it.</summary>
    public void Run(Action work) => throw new NotImplementedException();

    /// <summary>Closes the handle; the namespace stays while it has a name or a process.</summary>
    public void Dispose() => throw new NotImplementedException();
}
