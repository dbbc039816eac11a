using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text;

namespace Elysium.Tests.Documents;

/// <summary>The public surface of an assembly as text: one line a member, in an order that does not depend on the source.</summary>
internal static class PublicApi
{
    private const BindingFlags Declared = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    private static readonly Dictionary<Type, string> Keywords = new()
    {
        [typeof(void)] = "void",
        [typeof(object)] = "object",
        [typeof(string)] = "string",
        [typeof(bool)] = "bool",
        [typeof(byte)] = "byte",
        [typeof(ushort)] = "ushort",
        [typeof(short)] = "short",
        [typeof(uint)] = "uint",
        [typeof(int)] = "int",
        [typeof(ulong)] = "ulong",
        [typeof(long)] = "long",
        [typeof(char)] = "char",
        [typeof(double)] = "double",
    };

    public static string Describe(Assembly assembly)
    {
        var text = new StringBuilder();
        foreach (var type in assembly.GetExportedTypes().OrderBy(Name, StringComparer.Ordinal))
        {
            text.Append(Kind(type)).Append(' ').Append(Name(type)).Append(Bases(type)).Append('\n');
            foreach (var (_, line) in Members(type).OrderBy(member => member.Name, StringComparer.Ordinal).ThenBy(member => member.Line, StringComparer.Ordinal))
            {
                text.Append("    ").Append(line).Append('\n');
            }

            text.Append('\n');
        }

        return text.ToString().TrimEnd('\n') + "\n";
    }

    // By name; the values of an enum by value, constructors first.
    private static IEnumerable<(string Name, string Line)> Members(Type type)
    {
        if (type.IsEnum)
        {
            return Enum.GetNames(type).Select(name => (Number: Convert.ToInt64(Enum.Parse(type, name), CultureInfo.InvariantCulture), Name: name))
                .Select(value => ($"{value.Number:D20}", string.Create(CultureInfo.InvariantCulture, $"{value.Name} = {value.Number}")));
        }

        var context = new NullabilityInfoContext();
        return
        [
            .. type.GetFields(Declared).Where(field => field.IsPublic).Select(field =>
                (field.Name, $"{(field.IsLiteral ? "const " : field.IsStatic ? "static " : "")}{Name(context.Create(field))} {field.Name}{Value(field)}")),
            .. type.GetProperties(Declared).Where(IsVisible).Select(property => (property.Name, Property(property, context))),
            .. type.GetEvents(Declared).Where(e => e.AddMethod!.IsPublic).Select(e => (e.Name, $"event {Name(e.EventHandlerType!)} {e.Name}")),
            .. type.GetConstructors(Declared).Where(IsWritten).Select(constructor => ("", $"{Simple(type)}({Parameters(constructor, context)})")),
            .. type.GetMethods(Declared).Where(IsWritten).Where(IsOwn).Select(method => (
                method.Name,
                $"{(method.IsStatic ? "static " : "")}{Name(context.Create(method.ReturnParameter))} {method.Name}{Arguments(method)}({Parameters(method, context)})")),
        ];
    }

    private static string Value(FieldInfo field) => field.IsLiteral ? $" = {Literal(field.GetRawConstantValue())}" : "";

    private static string Literal(object? value) => value switch
    {
        null => "null",
        string text => $"\"{text}\"",
        bool b => b ? "true" : "false",
        _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };

    // What others can call or override, and somebody wrote: a record's own members are not news.
    private static bool IsWritten(MethodBase method) =>
        (method.IsPublic || method.IsFamily) && !method.IsDefined(typeof(CompilerGeneratedAttribute), inherit: false);

    // Accessors are told with their properties, and every type has the two that hash tables need.
    private static bool IsOwn(MethodInfo method) =>
        (!method.IsSpecialName || method.Name.StartsWith("op_", StringComparison.Ordinal))
        && method.GetBaseDefinition().DeclaringType is { } origin
        && (method.Name is not ("Equals" or "GetHashCode") || (origin != typeof(object) && origin != typeof(ValueType)));

    private static bool IsVisible(PropertyInfo property) => property.GetMethod is { } get && (get.IsPublic || get.IsFamily) && property.Name != "EqualityContract";

    private static string Property(PropertyInfo property, NullabilityInfoContext context)
    {
        var setter = property.SetMethod is not { IsPublic: true } set ? ""
            : set.ReturnParameter.GetRequiredCustomModifiers().Contains(typeof(IsExternalInit)) ? " init;"
            : " set;";
        var required = property.IsDefined(typeof(RequiredMemberAttribute)) ? "required " : "";
        var index = property.GetIndexParameters() is { Length: > 0 } parameters ? $"[{string.Join(", ", parameters.Select(parameter => Name(parameter.ParameterType)))}]" : "";
        return $"{(property.GetMethod!.IsStatic ? "static " : "")}{required}{Name(context.Create(property))} {property.Name}{index} {{ get;{setter} }}";
    }

    private static string Parameters(MethodBase method, NullabilityInfoContext context) => string.Join(", ", method.GetParameters().Select(parameter =>
    {
        var way = parameter.IsOut ? "out " : parameter.IsIn ? "in " : parameter.ParameterType.IsByRef ? "ref " : "";
        var value = !parameter.HasDefaultValue ? ""
            : parameter.DefaultValue is null ? (parameter.ParameterType.IsValueType && Nullable.GetUnderlyingType(parameter.ParameterType) is null ? " = default" : " = null")
            : $" = {Literal(parameter.DefaultValue)}";
        return $"{way}{Name(context.Create(parameter))} {parameter.Name}{value}";
    }));

    private static string Kind(Type type) => type switch
    {
        { IsEnum: true } => "enum",
        { IsInterface: true } => "interface",
        { IsValueType: true } => $"{(type.IsDefined(typeof(IsReadOnlyAttribute)) ? "readonly " : "")}{(type.IsByRefLike ? "ref " : "")}{(IsRecord(type) ? "record " : "")}struct",
        _ when typeof(Delegate).IsAssignableFrom(type) => "delegate",
        _ when type is { IsAbstract: true, IsSealed: true } => "static class",
        _ => $"{(type.IsSealed ? "sealed " : type.IsAbstract ? "abstract " : "")}{(IsRecord(type) ? "record" : "class")}",
    };

    private static bool IsRecord(Type type) => type.GetMethod("PrintMembers", Declared) is not null;

    private static string Bases(Type type)
    {
        var bases = new List<string>();
        if (type.BaseType is { } parent && parent != typeof(object) && parent != typeof(ValueType) && parent != typeof(Enum) && !typeof(Delegate).IsAssignableFrom(type))
        {
            bases.Add(Name(parent));
        }

        if (!type.IsEnum && !typeof(Delegate).IsAssignableFrom(type))
        {
            var inherited = type.GetInterfaces().SelectMany(each => each.GetInterfaces()).Concat(type.BaseType?.GetInterfaces() ?? []).ToHashSet();
            bases.AddRange(type.GetInterfaces().Where(each => each.IsPublic && !inherited.Contains(each)).Select(Name).Order(StringComparer.Ordinal));
        }

        return bases.Count == 0 ? "" : $" : {string.Join(", ", bases)}";
    }

    // A nullable mark only says something of a reference; of a value it is part of the type.
    private static string Name(NullabilityInfo info)
    {
        var type = info.Type.IsByRef ? info.Type.GetElementType()! : info.Type;
        var mark = !type.IsValueType && !type.IsGenericParameter && info.ReadState == NullabilityState.Nullable ? "?" : "";
        if (type.IsArray)
        {
            return $"{(info.ElementType is { } element ? Name(element) : Name(type.GetElementType()!))}[]{mark}";
        }

        return type.IsGenericType && Nullable.GetUnderlyingType(type) is null && info.GenericTypeArguments.Length == type.GetGenericArguments().Length
            ? $"{Outer(type)}{Simple(type)}<{string.Join(", ", info.GenericTypeArguments.Select(Name))}>{mark}"
            : Name(type) + mark;
    }

    private static string Name(Type type)
    {
        if (type.IsByRef)
        {
            return Name(type.GetElementType()!);
        }

        if (type.IsArray)
        {
            return $"{Name(type.GetElementType()!)}[]";
        }

        if (Nullable.GetUnderlyingType(type) is { } value)
        {
            return $"{Name(value)}?";
        }

        return Keywords.TryGetValue(type, out var keyword) ? keyword
            : type.IsGenericParameter ? type.Name
            : type.IsGenericType ? $"{Outer(type)}{Simple(type)}<{string.Join(", ", type.GetGenericArguments().Select(Name))}>"
            : $"{Outer(type)}{type.Name}";
    }

    private static string Arguments(MethodInfo method) =>
        method.IsGenericMethodDefinition ? $"<{string.Join(", ", method.GetGenericArguments().Select(argument => argument.Name))}>" : "";

    private static string Outer(Type type) => type is { IsNested: true, IsGenericParameter: false } ? $"{Simple(type.DeclaringType!)}." : "";

    private static string Simple(Type type) => type.Name.IndexOf('`') is > 0 and var tick ? type.Name[..tick] : type.Name;
}
