# Section guest_facts: what guests tell the host through Data Exchange. Whoever runs a guest writes this text: hostile.

function Read-ExchangeItem {
    # Name and data of one item, or null. CIM-XML: <INSTANCE><PROPERTY NAME="Name"><VALUE>..</VALUE></PROPERTY>..
    param([string]$Text)
    # 16,384: an item holds at most 2,048 characters, escaped. '<!' would begin a DOCTYPE, which may expand entities.
    if ($Text.Length -gt 16384 -or $Text.Contains('<!')) {
        return $null
    }
    $document = New-Object -TypeName System.Xml.XmlDocument
    $document.XmlResolver = $null
    $document.LoadXml($Text)
    $item = @{ name = $null; data = $null }
    # Methods, as PowerShell reads `.Name` of an element from its attributes and children: the guest's own.
    foreach ($property in $document.SelectNodes('/INSTANCE/PROPERTY')) {
        $value = $property.SelectSingleNode('VALUE')
        if ($null -ne $value) {
            if ($property.GetAttribute('NAME') -ceq 'Name') {
                $item['name'] = $value.get_InnerText()
            }
            if ($property.GetAttribute('NAME') -ceq 'Data') {
                $item['data'] = $value.get_InnerText()
            }
        }
    }
    if ($null -eq $item['name']) {
        return $null
    }
    $item
}

function Read-GuestFact {
    $data = [ordered]@{
        guests = $null
    }
    $facts = @{
        OSName = 'os_name'
        OSVersion = 'os_version'
        OSBuildNumber = 'os_build'
        OSPlatformId = 'os_platform'
        ProductType = 'product_type'
        CSDVersion = 'service_pack'
        FullyQualifiedDomainName = 'fully_qualified_domain_name'
        IntegrationServicesVersion = 'integration_version'
    }
    try {
        $found = @(Get-CimInstance -Namespace $VirtualizationNamespace -ClassName Msvm_KvpExchangeComponent -ErrorAction Stop)
        $data['guests'] = @(foreach ($component in $found) {
            Assert-TimeLeft
            $guest = [ordered]@{
                vm_id = $null
                os_name = $null
                os_version = $null
                os_build = $null
                os_platform = $null
                product_type = $null
                service_pack = $null
                fully_qualified_domain_name = $null
                integration_version = $null
                rejected_items = 0
            }
            $system = [string](Read-Property -Source $component -Name 'SystemName')
            $items = Read-Property -Source $component -Name 'GuestIntrinsicExchangeItems'
            if ($system -match ('^' + $GuidPattern + '$') -and $null -ne $items) {
                $guest['vm_id'] = $system.ToLowerInvariant()
                $read = 0
                foreach ($text in $items) {
                    $item = $null
                    # Each on its own: one that is no XML must not lose the others.
                    try {
                        $item = Read-ExchangeItem -Text $text
                    }
                    catch {
                        $item = $null
                    }
                    if ($null -eq $item) {
                        $guest['rejected_items'] = $guest['rejected_items'] + 1
                    }
                    else {
                        $read = $read + 1
                        $field = $facts[$item['name']]
                        $value = [string]$item['data']
                        if ($null -ne $field -and $value.Length -gt 0) {
                            # 1,024: far above any real name or version.
                            if ($value.Length -gt 1024) {
                                $value = $value.Substring(0, 1024)
                                Add-Gap -What ('guests.' + $field) -Why 'truncated' -Detail ''
                            }
                            $guest[$field] = $value
                        }
                    }
                }
                if ($read -gt 0 -or $guest['rejected_items'] -gt 0) {
                    $guest
                }
            }
        })
    }
    catch {
        Add-ErrorGap -Whats 'guests' -Record $_
    }
    $data
}
